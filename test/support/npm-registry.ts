/** A registry on loopback with packages of a test, so that the machine's own npx can install them. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface TestPackage {
  readonly name: string;
  readonly version: string;
  readonly bin: string | Readonly<Record<string, string>>;
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface TestRegistry {
  readonly url: string;
  /** Paths that were asked for, oldest first. */
  readonly asked: string[];
  /** Adds a version; it becomes the newest. */
  publish(added: TestPackage): void;
  close(): Promise<void>;
}

export async function startRegistry(...packages: TestPackage[]): Promise<TestRegistry> {
  const published = [...packages];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    asked.push(path);
    const tarball = published.find(each => path === fileOf(each));
    const versions = published.filter(({ name }) => name === path);
    if (tarball !== undefined) response.end(pack(tarball));
    else if (versions.length > 0)
      response.setHeader('content-type', 'application/json').end(packument(versions, url));
    else response.writeHead(404).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    publish: added => void published.push(added),
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

const fileOf = ({ name, version }: TestPackage) => `${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;

function packument(versions: readonly TestPackage[], url: string): string {
  const [{ name } = { name: '' }] = versions;
  const manifests = versions.map(each => {
    const integrity = `sha512-${createHash('sha512').update(pack(each)).digest('base64')}`;
    return { ...manifestOf(each), dist: { tarball: `${url}/${fileOf(each)}`, integrity } };
  });
  return JSON.stringify({
    name,
    'dist-tags': { latest: versions.at(-1)?.version },
    versions: Object.fromEntries(manifests.map(each => [each.version, each])),
  });
}

const manifestOf = ({ name, version, bin }: TestPackage) => ({ name, version, bin, type: 'module' });

function pack(given: TestPackage): Buffer {
  const files = { 'package.json': JSON.stringify(manifestOf(given)), ...given.files };
  const parts = Object.entries(files).map(([path, text]) => tarEntry(`package/${path}`, Buffer.from(text)));
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

/** One file in the ustar format. */
function tarEntry(path: string, content: Buffer): Buffer {
  const head = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  head.write(path, 0);
  head.write(octal(0o755, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(content.length, 11), 124);
  head.write(octal(0, 11), 136);
  head.write(' '.repeat(8), 148);
  head.write('0', 156);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
