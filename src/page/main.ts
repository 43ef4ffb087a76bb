/** The page's own composition root. */
import { Charts } from './api/charts.ts';
import { Api } from './api/client.ts';
import { Live } from './api/live.ts';
import { App } from './app.ts';
import { startTicker } from './parts/ticker.ts';

const api = new Api();
startTicker();
new App({ api, live: new Live(api), charts: new Charts(api) });
