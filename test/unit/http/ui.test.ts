import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testApp } from '../../support/http-app.ts';

const ROOT = new URL('../../../', import.meta.url);
const FILES = ['/ui', '/ui/main.js', '/ui/main.css', '/ui/icon.svg'];

const TOKEN = {
  name: 'viewer',
  scopes: ['view'] as const,
  services: null,
  sha256: Buffer.alloc(32, 1),
};

describe('the page', () => {
  test.each(FILES)(
    'given a browser, when it asks for %s, then it is served and may not be framed',
    async url => {
      const { app } = testApp();
      const response = await app.inject({ url });
      expect(response.statusCode).toBe(200);
      const { headers } = response;
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; /);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
    },
  );

  test('given all files of the shell, then none names another host and none has inline script or style', () => {
    const shell = readFileSync(new URL('dist/page/index.html', ROOT), 'utf8');
    expect(shell).not.toMatch(/<style|<script>|style=|\son\w+=/i);
    for (const file of readdirSync(new URL('dist/page/', ROOT))) {
      const text = readFileSync(new URL(`dist/page/${file}`, ROOT), 'utf8');
      expect(text.match(/https?:\/\/(?!www\.w3\.org\/)[^"'`\s]*/g), file).toBeNull();
    }
  });

  test('given all that one reader can load, then it is below 150 kB uncompressed', () => {
    const files = [
      ...readdirSync(new URL('dist/page/', ROOT)).map(name => `dist/page/${name}`),
      'docs/statecharts/OneShot.svg',
      'docs/statecharts/Persistent.svg',
    ];
    const bytes = files.reduce((sum, file) => sum + statSync(new URL(file, ROOT)).size, 0);
    expect(bytes).toBeLessThan(150_000);
    expect(bytes).toBeGreaterThan(50_000);
  });

  test('given a browser that has the file, when it asks again, then the answer is empty', async () => {
    const { app } = testApp();
    const first = await app.inject({ url: '/ui/main.js' });
    const headers = { 'if-none-match': String(first.headers.etag) };
    const again = await app.inject({ url: '/ui/main.js', headers });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    const other = await app.inject({ url: '/ui/main.js', headers: { 'if-none-match': '"other"' } });
    expect(other.statusCode).toBe(200);
  });

  test('given a gateway with tokens, when a browser without one loads the shell, then it may', async () => {
    const { app } = testApp({ settings: { authTokens: [TOKEN] } });
    for (const url of FILES) expect((await app.inject({ url })).statusCode).toBe(200);
  });

  test('given the root, when a browser asks, then it is led to the page; anybody else gets 0010', async () => {
    const { app } = testApp();
    const browser = await app.inject({ url: '/', headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(browser.statusCode).toBe(302);
    expect(browser.headers.location).toBe('ui');
    const client = await app.inject({ url: '/' });
    expect(client.statusCode).toBe(404);
    expect(client.json()).toMatchObject({ code: '0010' });
  });

  test('given an address with a slash too many, then it leads to the page', async () => {
    const { app } = testApp();
    const response = await app.inject({ url: '/ui/' });
    expect([response.statusCode, response.headers.location]).toEqual([308, '../ui']);
  });
});
