/** A client generated from the OpenAPI document: it compiles, it knows the answers, and it works against a gateway. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openApiDocument } from '../../../scripts/docs/openapi.ts';
import { removeDirectory, startGateway, temporaryDirectory } from '../../support/gateway-process.ts';
import { tinyServer } from '../../support/http-client.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const node = (args: readonly string[]) => promisify(execFile)(process.execPath, [...args], { cwd: ROOT });

/** Registers a service, starts it, waits until it is ready, and tells its life; each step by the client's own types. */
const USAGE = `
import { defaults, getService, getServiceEvents, listServices, putService, startService } from './client.ts';

const [url = '', command = '', script = ''] = process.argv.slice(2);
defaults.baseUrl = url;

const put = await putService('files', { type: 'Persistent', config: { command, args: [script] } });
if (put.status !== 200) throw new Error('message' in put.data ? put.data.message : 'refused');
await startService('files');
for (;;) {
  const { data } = await getService('files');
  if (data.success && data.data.state === 'Ready.Healthy') break;
}
const page = await listServices({ state: 'Ready', limit: 5 });
const events = await getServiceEvents('files');
if (page.status !== 200 || !page.data.success || !events.data.success) throw new Error('refused');
const [service] = page.data.data.items;
const nextCursor: string | null = page.data.data.nextCursor;
console.log(JSON.stringify({ why: service?.why, nextCursor, causes: events.data.data.items.map(({ cause }) => cause) }));
`;

describe('a client generated from the document', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(ROOT, 'node_modules/.evergate-client-'));
    const document = join(folder, 'openapi.json');
    writeFileSync(document, await openApiDocument());
    await node(['node_modules/oazapfts/dist/cli.js', document, join(folder, 'client.ts')]);
    const options = { noEmit: true, strict: true, target: 'ES2023', module: 'NodeNext', skipLibCheck: true };
    const compilerOptions = { ...options, types: ['node'], allowImportingTsExtensions: true };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['./*.ts'], exclude: [] }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compile = (source: string) => {
    writeFileSync(join(folder, 'usage.ts'), source);
    return node(['node_modules/typescript/bin/tsc', '-p', folder]).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  };

  it('compiles, with a program that uses it', async () => {
    expect(await compile(USAGE)).toBe('');
  });

  it('given a program that expects what no service has, then it does not compile', async () => {
    expect(await compile(USAGE.replace('service?.why', 'service?.wherefore'))).toContain("'wherefore'");
    expect(await compile(USAGE.replace('limit: 5', "limit: 'many'"))).toContain("'string'");
  });

  it('works against a gateway', async () => {
    await compile(USAGE);
    const dataDir = temporaryDirectory();
    const gateway = await startGateway(dataDir);
    onTestFinished(async () => {
      await gateway.end('SIGTERM');
      removeDirectory(dataDir);
    });
    const { command, args } = tinyServer();
    const { stdout } = await node([
      '--import',
      'tsx',
      join(folder, 'usage.ts'),
      gateway.url,
      command,
      ...args,
    ]);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      why: 'Ready.Healthy because tiny-server 1.0.0 completed the MCP handshake',
      nextCursor: null,
    });
    expect(told.causes[0]).toBe('Registered as a Persistent service');
  });
});
