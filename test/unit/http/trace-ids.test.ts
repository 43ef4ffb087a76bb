import { expect, test } from 'vitest';
import { newTraceId } from '../../../src/http/plugins/trace.ts';

test('given more trace ids than are drawn at once, then each is 32 hexadecimal digits, and none comes twice', () => {
  const ids = Array.from({ length: 1000 }, newTraceId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(1000);
});
