import { expect, test } from 'vitest';
import { StderrTail } from '../../../src/backends/stdio/stderr.ts';

function tailOf(text: string, options: ConstructorParameters<typeof StderrTail>[0] = {}): StderrTail {
  const tail = new StderrTail(options);
  tail.push(Buffer.from(text));
  tail.end();
  return tail;
}

test('keeps the last lines only, and reports every one', () => {
  const seen: string[] = [];
  const tail = tailOf('a\nb\nc\nd', { maxLines: 2, onLine: line => seen.push(line) });
  expect(tail.lines).toEqual(['c', 'd']);
  expect(seen).toEqual(['a', 'b', 'c', 'd']);
});

test('cuts long lines, also those without an end', () => {
  const tail = tailOf(`${'x'.repeat(50)}\n${'y'.repeat(500_000)}`, { maxLineChars: 10 });
  expect(tail.lines).toEqual(['xxxxxxxxx…', 'yyyyyyyyy…']);
});

test('makes escape sequences, control characters and bidirectional overrides harmless', () => {
  const text = '\u001b[31mred\u001b[0m\tbell\u0007 \u202Eabc\u2028def\n10%\r50%\r100%\r\n';
  expect(tailOf(text).lines).toEqual(['red bell\uFFFD \uFFFDabc\uFFFDdef', '100%']);
});

test("hides the config's environment values, also across a cut and line by line, but not trivial ones", () => {
  const secrets = ['sk-123', 'sk-12345678', 'true', 'line-one\nline-two'];
  expect(tailOf('bad key sk-12345678 is true\nline-one\n  line-two', { secrets }).lines).toEqual([
    'bad key [hidden] is true',
    '[hidden]',
    '  [hidden]',
  ]);
  const long = tailOf(`12345sk-12345678${'x'.repeat(500_000)}`, { secrets, maxLineChars: 10 });
  expect(long.lines).toEqual(['12345[hid…']);
});

test('gives the very last lines as an excerpt within its bound', () => {
  const tail = tailOf('first\nsecond\nthird');
  expect(tail.excerpt(500)).toBe('first | second | third');
  expect(tail.excerpt(15)).toBe('second | third');
  expect(tail.excerpt(3)).toBe('thi');
  expect(tailOf('').excerpt(500)).toBe('');
});
