/** Times, sizes and states as people read them. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something lasts, to two units: `4 s`, `3 min 20 s`, `2 h 5 min`, `9 d 4 h`. @param ms negative counts as 0 */
export function duration(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return pair(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY) return pair(ms, HOUR, 'h', MINUTE, 'min');
  return pair(ms, DAY, 'd', HOUR, 'h');
}

function pair(ms: number, unit: number, name: string, part: number, partName: string): string {
  const rest = Math.floor((ms % unit) / part);
  return `${Math.floor(ms / unit)} ${name}${rest === 0 ? '' : ` ${rest} ${partName}`}`;
}

/** The time between two events: in ms below a second, with tenths below ten. */
export function interval(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 10 * SECOND ? `${(ms / SECOND).toFixed(1)} s` : duration(ms);
}

/** The largest unit alone, for narrow columns: `3 min`, `9 d`. */
export function age(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

/** `48 MB`, `1.2 GB`; decimal units. */
export function bytes(count: number): string {
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`;
  if (count < 1e9) return `${Math.round(count / 1e6)} MB`;
  return `${(count / 1e9).toFixed(1)} GB`;
}

/** Of one core: `0.4 %`, `132 %`. */
export const percent = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;

/** `1 call`, `3 calls`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const two = (n: number) => String(n).padStart(2, '0');

/** Time of day in the reader's zone, to the ms: `14:03:22.120`. */
export function clock(at: number): string {
  const date = new Date(at);
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** The day in the reader's zone: `2026-11-27`. */
export function day(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Day and time, the day left out when it is that of `now`. */
export const moment = (at: number, now: number): string =>
  day(at) === day(now) ? clock(at) : `${day(at)} ${clock(at)}`;
