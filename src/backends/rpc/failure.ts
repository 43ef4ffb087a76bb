/** Whether a response says that the call failed. */
import { readErrorCode, valueAt } from './places.ts';
import { findMembers, Names } from './scan.ts';

const ENVELOPE = new Names('result');
const RESULT = new Names('isError');

/** The code of the error; `tool`: a result by which a tool tells of its own failure; null: it did not fail. */
export function readFailure(text: string): number | 'tool' | null {
  const code = readErrorCode(text);
  if (code !== null) return code;
  // Most results have no such member, and may be long.
  if (!text.includes('"isError"')) return null;
  const { result } = findMembers(text, 0, ENVELOPE).spans;
  const { isError } = findMembers(text, result?.start ?? text.length, RESULT).spans;
  return valueAt(text, isError) === true ? 'tool' : null;
}
