/** Every generated document. The same code gives the same text: no dates, no machine's own values. */
import { serviceMachine } from '../../src/actors/machine/index.ts';
import { chartOf, SERVICE_TYPES } from '../../src/drawing/chart.ts';
import { toMachineJson } from '../../src/drawing/machine-json.ts';
import { settingsDocument } from '../../src/settings/help.ts';
import { type ApiDocument, apiPage } from './api-page.ts';
import type { Files } from './files.ts';
import { indexPage } from './index-page.ts';
import { lifePage } from './life-page.ts';
import { openApiDocument } from './openapi.ts';
import { toSvg } from './svg.ts';
import { typePage } from './type-page.ts';

export async function allFiles(): Promise<Files> {
  const chart = chartOf(serviceMachine);
  const openApi = await openApiDocument();
  const files = new Map([
    ['docs/settings.md', settingsDocument()],
    ['docs/api/openapi.json', openApi],
    ['docs/api/index.html', apiPage(JSON.parse(openApi) as ApiDocument)],
    ['docs/statecharts/README.md', indexPage(SERVICE_TYPES)],
    ['docs/statecharts/life-of-a-service.md', lifePage()],
    ['docs/statecharts/service.machine.json', `${JSON.stringify(toMachineJson(serviceMachine), null, 2)}\n`],
  ]);
  for (const type of SERVICE_TYPES) {
    files.set(`docs/statecharts/${type}.md`, typePage(chart, type));
    files.set(`docs/statecharts/${type}.svg`, await toSvg(chart, type));
  }
  return files;
}
