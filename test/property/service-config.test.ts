import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/backends/config/config-error.ts';
import { describeConfig } from '../../src/backends/config/describe-config.ts';
import { parseServiceConfig, parseServiceConfigText } from '../../src/backends/config/parse-config.ts';
import { configFingerprint, configFromJson, configToJson } from '../../src/backends/config/stored-config.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter(value => !value.includes('\0'));
const word = fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const whole = maybe(fc.integer({ min: 1, max: 1_000 }));
const texts = fc.array(text, { maxLength: 4 });
const common = {
  tools: maybe(fc.record({ allow: maybe(texts), deny: maybe(texts) })),
  isolation: maybe(fc.constantFrom('auto', 'shared', 'session')),
  startTimeoutMs: whole,
  requestTimeoutMs: whole,
  idleTimeoutMs: whole,
};
const stdio = fc.record({
  command: word,
  args: maybe(texts),
  env: maybe(fc.dictionary(word, text, { maxKeys: 4 })),
  cwd: maybe(text),
  ...common,
});
const remote = fc.record({
  url: fc.webUrl({ withQueryParameters: true }),
  type: maybe(fc.constantFrom('sse', 'http', 'other')),
  headers: maybe(fc.uniqueArray(word, { selector: name => name.toLowerCase(), maxLength: 4 }).map(named)),
  authToken: maybe(word),
  timeout: whole,
  connectTimeoutSecs: whole,
  maxRetries: whole,
  retryMinBackoffMs: whole,
  ...common,
});
const input = fc
  .tuple(fc.oneof(stdio, remote), maybe(text))
  .map(([server, name]) =>
    name === undefined ? server : { mcpServers: Object.fromEntries([[name, server]]) },
  );

function named(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, 'value']));
}

describe('stored service configs', () => {
  test('given any config, when it is stored as JSON and read again, then it is the same', () => {
    fc.assert(
      fc.property(input, given => {
        const config = parseServiceConfig(given);
        const stored = JSON.parse(JSON.stringify(configToJson(config)));
        expect(configFromJson(stored)).toEqual(config);
        expect(configFingerprint(configFromJson(stored))).toBe(configFingerprint(config));
      }),
    );
  });

  test('given any config, when the order of keys is turned round, then the fingerprint stays', () => {
    fc.assert(
      fc.property(input, given => {
        const fingerprint = configFingerprint(parseServiceConfig(given));
        expect(fingerprint).toMatch(/^[\w-]{16}$/);
        expect(configFingerprint(parseServiceConfig(reversed(given)))).toBe(fingerprint);
      }),
    );
  });

  test('given two configs, then their fingerprints are equal exactly when they are', () => {
    fc.assert(
      fc.property(input, input, (one, other) => {
        const [a, b] = [parseServiceConfig(one), parseServiceConfig(other)];
        const equal = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(configFingerprint(a) === configFingerprint(b)).toBe(equal);
      }),
    );
  });

  test('given any one value of a config changed, then the fingerprint changes', () => {
    fc.assert(
      fc.property(stdio, text, (server, more) => {
        const changed = { ...server, args: [...(server.args ?? []), more] };
        const print = (value: object) => configFingerprint(parseServiceConfig(value));
        expect(print(changed)).not.toBe(print(server));
      }),
    );
  });
});

describe('secrets of a service config', () => {
  const SECRET = 'hunter2secret';
  const secret = fc.tuple(word, word).map(([before, after]) => `${before}${SECRET}${after}`);
  /** Values a secret field may wrongly have: itself, or something that makes the parser refuse it. */
  const planted = secret.chain(value =>
    fc.constantFrom<unknown>(
      value,
      `${value}\0`,
      `${value}\n`,
      `${value}你`,
      [value],
      { a: value },
      `${value}\ud800`,
    ),
  );
  const address = secret.chain(value =>
    fc.constantFrom(
      `https://u:${value}@example.com/`,
      `https://${value}@example.com:99999/`,
      `ftp://${value}:x@h/`,
      `http://a:${value}%ff@h/${value}?k=${value}`,
    ),
  );
  const carrier = fc.oneof(
    fc.record({
      command: fc.constantFrom<unknown>('npx', '', 1),
      env: fc.dictionary(word, planted, { maxKeys: 3 }),
    }),
    fc.record({ command: word, args: fc.array(planted, { maxLength: 3 }), disabled: fc.boolean() }),
    fc.record({ url: address, authToken: planted, headers: fc.dictionary(word, planted, { maxKeys: 3 }) }),
    fc.record({ url: address, headers: planted, tools: planted }),
    fc.record({ url: fc.webUrl(), authToken: planted }),
  );

  test('given secrets anywhere among the values, then neither refusal nor description shows one', () => {
    const outcomes = { described: 0, refused: 0 };
    fc.assert(
      fc.property(carrier, fc.boolean(), (server, wrapped) => {
        const shown = outcomeOf(() =>
          parseServiceConfig(wrapped ? { mcpServers: { files: server } } : server),
        );
        outcomes[shown.outcome] += 1;
        expect(shown.text).not.toContain(SECRET);
      }),
      { numRuns: 500 },
    );
    expect(Math.min(outcomes.described, outcomes.refused)).toBeGreaterThan(0);
  });

  test('given text with secrets that is cut anywhere, then the refusal shows none', () => {
    fc.assert(
      fc.property(carrier, fc.double({ min: 0, max: 1, noNaN: true }), (server, part) => {
        const whole = JSON.stringify(server);
        const cut = whole.slice(0, Math.floor(whole.length * part));
        expect(outcomeOf(() => parseServiceConfigText(cut)).text).not.toContain(SECRET);
      }),
    );
  });

  function outcomeOf(parse: () => ReturnType<typeof parseServiceConfig>) {
    try {
      return { outcome: 'described' as const, text: describeConfig(parse()) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { outcome: 'refused' as const, text: `${error.stack} ${error.field} ${JSON.stringify(error)}` };
    }
  }
});

function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reversed(item)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, item]) => [key, sorted(item)]);
}
