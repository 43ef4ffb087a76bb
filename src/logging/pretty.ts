/** The log for people at a terminal: one line per entry, the stack of an error below it. */
import { escapeHarmful } from './harmless.ts';

const COLOURS: Readonly<Record<string, number>> = {
  trace: 90,
  debug: 90,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 35,
};

/** Turns one line of JSON, as the logger writes it, into a line for people. @param colours with escape sequences for a terminal */
export function prettyLine(line: string, colours: boolean): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const label = String(level).toUpperCase().padEnd(5);
  const shown = Object.entries(fields).map(([name, value]) => `${paint(90, `${name}=`)}${shownValue(value)}`);
  const head = [paint(90, timeOfDay(time)), paint(COLOURS[String(level)] ?? 0, label), shownValue(msg ?? '')];
  return `${[...head, ...shown].join(' ')}${shownError(err)}\n`;
}

/** The time of day, in UTC; the date is on the screen of whoever sits there. */
function timeOfDay(time: unknown): string {
  return String(time).slice(11, 23);
}

/** Text without quotes where it is one word or a sentence that cannot be mistaken for fields. */
function shownValue(value: unknown): string {
  if (typeof value !== 'string') return escapeHarmful(JSON.stringify(value));
  return escapeHarmful(
    value.includes('=') || value.includes('"') || value === '' ? JSON.stringify(value) : value,
  );
}

function shownError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const { message, stack } = err as { readonly message?: unknown; readonly stack?: unknown };
  const lines = String(stack ?? message ?? '').split('\n');
  return lines.map(line => `\n    ${escapeHarmful(line.trim())}`).join('');
}
