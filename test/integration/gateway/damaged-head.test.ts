import { open } from 'lmdb';
import { expect, it } from 'vitest';
import { dataFilePath } from '../../../src/store/lmdb-file.ts';
import { gatewayHome } from '../../support/gateway-home.ts';
import { checkStatus, type Envelope, knock, tinyServer, untilState } from '../../support/http-client.ts';
import { runLog } from '../../support/log-command.ts';

const home = gatewayHome();
const { dataDir } = home;

/** Spoils what the log has as a service's last record, while nobody has it open. */
async function damageHead(id: string): Promise<void> {
  const root = open({ path: dataFilePath(dataDir), maxDbs: 16, overlappingSync: false });
  root.openDB<Buffer, string>({ name: 'heads', encoding: 'binary' }).putSync(id, Buffer.from('c1ff', 'hex'));
  await root.close();
}

const remove = async (url: string, id: string) => {
  const response = await fetch(`${url}/mcp/config/delete/${id}`, { method: 'DELETE' });
  return (await response.json()) as Envelope;
};

it('given a service whose head record is damaged, then it alone is out of order, can be deleted, and its id used again', async () => {
  let gateway = await home.start();
  for (const id of ['damaged', 'sound']) await checkStatus(gateway.url, id, tinyServer(), 'Persistent');
  for (const id of ['damaged', 'sound']) await untilState(gateway.url, id, /^Ready/);
  await gateway.end('SIGTERM');
  await damageHead('damaged');

  gateway = await home.start();
  const { url } = gateway;
  await untilState(url, 'sound', /^Ready/);
  expect((await knock(url, 'damaged')).body).toMatchObject({
    code: '0005',
    message: expect.stringContaining('is damaged: remove the service'),
  });
  expect(await remove(url, 'damaged')).toMatchObject({ code: '0000', data: { mcp_id: 'damaged' } });
  expect((await knock(url, 'damaged')).body.code).toBe('0001');
  await checkStatus(url, 'damaged', tinyServer(), 'Persistent');
  await untilState(url, 'damaged', /^Ready/);
  expect((await knock(url, 'sound')).status).toBe(200);
  expect((await runLog('verify', '--data-dir', dataDir)).out).toMatch(/^sound/);
});
