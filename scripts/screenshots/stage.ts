/** The services of the pictures: some well, some not, with a past. */
import { type PageGateway, pathOf } from '../../test/e2e/support/gateway.ts';
import { tinyServer } from '../../test/support/http-client.ts';

const WAIT_MS = 60_000;

const server = (name: string, ...args: string[]) => ({
  command: process.execPath,
  args: [`node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, ...args],
});

const SERVICES = [
  ['files', 'Persistent', server('filesystem', '/tmp')],
  ['everything', 'Persistent', server('everything')],
  ['memory', 'Persistent', server('memory')],
  ['search', 'Persistent', tinyServer()],
  ['report', 'OneShot', tinyServer()],
  ['import', 'OneShot', tinyServer()],
  ['calendar', 'Persistent', tinyServer()],
] as const;

/** Never comes up, and is tried again with ever longer cooldowns. */
const BROKEN = {
  command: process.execPath,
  args: ['-e', 'console.error("no such tenant"); process.exit(3)'],
};

/** Registers them, and gives them a past: losses, cooldowns, stops. Resolves when all are where the pictures want them. */
export async function fillStage(gateway: PageGateway): Promise<void> {
  for (const [id, type, config] of SERVICES) await run(gateway, id, type, config);
  await run(gateway, 'billing', 'Persistent', BROKEN);
  await gateway.api(pathOf('archive'), body('OneShot', tinyServer()));
  for (const [id] of SERVICES) await until(gateway, id, 'Ready.Healthy');
  for (let n = 0; n < 2; n++) {
    const { pid } = await gateway.api<{ pid: number }>(pathOf('files'));
    process.kill(pid, 'SIGKILL');
    await until(gateway, 'files', 'CoolingDown');
    await until(gateway, 'files', 'Ready.Healthy');
  }
  for (const id of ['report', 'import']) {
    await gateway.api(`${pathOf(id)}/stop`, { method: 'POST' });
    await until(gateway, id, 'Ended.Completed');
  }
  await gateway.api(`${pathOf('report')}/start`, { method: 'POST' });
  await until(gateway, 'report', 'Ready.Healthy');
}

const body = (type: string, config: object): RequestInit => ({
  method: 'PUT',
  body: JSON.stringify({ type, config }),
});

async function run(gateway: PageGateway, id: string, type: string, config: object): Promise<void> {
  await gateway.api(pathOf(id), body(type, config));
  await gateway.api(`${pathOf(id)}/start`, { method: 'POST' });
}

/** @throws {Error} it takes too long */
async function until(gateway: PageGateway, id: string, wished: string): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const { state } = await gateway.api<{ state: string }>(pathOf(id));
    if (state === wished) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`${id} does not become ${wished}`);
}
