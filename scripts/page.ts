/** `npm run page`: builds the page of src/page into dist/page, where the gateway finds it. */
import { buildPage } from './page/build.ts';

await buildPage();
