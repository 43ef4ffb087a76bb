/** The gateway's URLs as resources that tokens are issued for. */
import { describe, expect, it } from 'vitest';
import { resourcePath, servicesOfAudience } from '../../../../src/http/auth/resources.ts';

describe('the resource a request is for', () => {
  it.each([
    ['/mcp/stream/proxy/a', '/mcp/stream/proxy/a'],
    ['/mcp/stream/proxy/a%20b?x=1', '/mcp/stream/proxy/a%20b'],
    ['/mcp/sse/proxy/a', '/mcp/sse/proxy/a'],
    ['/mcp/sse/proxy/a/sse', '/mcp/sse/proxy/a/sse'],
    // The client of an HTTP+SSE stream knows the URL of the stream.
    ['/mcp/sse/proxy/a/message?sessionId=x', '/mcp/sse/proxy/a/sse'],
    ['/mcp/sse/proxy/message', '/mcp/sse/proxy/message'],
    ['/mcp/stream/proxy/a/sse', ''],
    ['/mcp/check/status/a', ''],
    ['/', ''],
    // What could break out of the header it is put into.
    ['/mcp/stream/proxy/a",scope="b', ''],
    ['/mcp/stream/proxy/a\\', ''],
    ['/mcp/stream/proxy/a\u00e4', ''],
  ])('%s: %s', (url, path) => expect(resourcePath(url)).toBe(path));
});

describe('a token is good', () => {
  const origin = 'https://mcp.example.com';
  const services = (...audience: string[]) => servicesOfAudience(audience, origin, ['urn:gate']);

  it.each([[origin], [`${origin}/`], [`${origin}:443`], ['HTTPS://MCP.example.com'], ['urn:gate']])(
    'for all services, if its audience is %s',
    audience => expect(services('x', audience)).toBe('all'),
  );

  it('for exactly the services whose endpoints are its audience, however they are spelt', () => {
    const found = services(
      `${origin}/mcp/stream/proxy/a`,
      `${origin}/mcp/sse/proxy/a/sse`,
      `${origin}/mcp/sse/proxy/b%2Fc`,
      `${origin}/mcp/sse/proxy/__proto__/message`,
    );
    expect(found).toEqual(new Set(['a', 'b/c', '__proto__']));
  });

  it.each([
    'http://mcp.example.com',
    'https://mcp.example.com.evil.example/',
    'https://evil.example/mcp/stream/proxy/a',
    `${origin}/mcp/stream/proxy/a?b`,
    `${origin}/mcp/stream/proxy/a#b`,
    `${origin}/mcp/stream/proxy/a/b`,
    `${origin}/mcp/stream/proxy/%ff`,
    `${origin}/mcp`,
    'a',
    '',
  ])('for nothing, if its audience is %j', audience => expect(services(audience)).toEqual(new Set()));
});
