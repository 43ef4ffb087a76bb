/** The settings of what the gateway tells about itself. */
import { choice, setting, wholeNumber } from './kinds.ts';

const linesPerSecond = wholeNumber(0, 1_000_000);

export const OBSERVING = {
  logLevel: setting(
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'Least severe level written to the log on stderr.',
  ),
  logFormat: setting(
    choice('auto', 'json', 'pretty'),
    'auto',
    'JSON lines, or lines for people; auto is for people when stderr is a terminal.',
  ),
  logRefusalsPerSecond: setting(
    linesPerSecond,
    100,
    'Lines about refused requests that are logged in a second, and as many about requests that fail inside the gateway; the rest is told as a number. 0 is none, of the second kind one.',
  ),
  logStderrPerSecond: setting(
    linesPerSecond,
    20,
    "Lines of a backend's stderr that are logged in a second; the rest is told as a number. 0 is none.",
  ),
};
