/** A property: whatever a config's variables are, what a backend says keeps its shape, and no text of it shows one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseServiceConfig } from '../../src/backends/config/parse-config.ts';
import { secretsOf, withoutSecrets } from '../../src/backends/secrets/hide.ts';

const words = [
  '300000',
  'prompts',
  '2025-06-18',
  '"type":"object"',
  '{"a":1}',
  'description',
  '\\u0041bcdef',
  '12345.5',
];
const word = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ unit: 'grapheme', minLength: 6, maxLength: 12 }).filter(text => !text.includes('\0')),
);
const environments = fc.dictionary(fc.stringMatching(/^[A-Z]{1,4}$/), word, { maxKeys: 4 });
const { value: values } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    word,
    fc.tuple(word, word).map(parts => parts.join(' ')),
    fc.constantFrom<unknown>(300000, 12345.5, true, null, -0.5),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 4 }),
  ),
}));

/** Both have the same members, lengths, numbers and literals, wherever one looks. */
function sameShape(before: unknown, after: unknown, texts: (text: string) => void): void {
  if (typeof before === 'string') texts(String(after));
  else if (typeof before !== 'object' || before === null) expect(after).toBe(before);
  else {
    expect(Array.isArray(after)).toBe(Array.isArray(before));
    expect(Object.keys(after as object)).toEqual(Object.keys(before));
    for (const [name, inner] of Object.entries(before))
      sameShape(inner, (after as Record<string, unknown>)[name], texts);
  }
}

it('given any variables and any JSON, when secrets are taken out, then only texts differ, and show none', () => {
  fc.assert(
    fc.property(environments, values, (env, value) => {
      const secrets = secretsOf(parseServiceConfig({ command: 'server', env }));
      const json = JSON.parse(JSON.stringify(value));
      const shown = withoutSecrets(json, secrets);
      sameShape(json, shown, text => {
        for (const secret of secrets) if (!'[hidden]'.includes(secret)) expect(text).not.toContain(secret);
      });
      expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
    }),
    { numRuns: 500 },
  );
});
