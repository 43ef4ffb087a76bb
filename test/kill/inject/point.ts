/** Where the process under test ends: asked at every point it passes. */
import { openSync, writeSync } from 'node:fs';

const [target = '', count = '1'] = (process.env.KILL_POINT_AT ?? '').split('#');
const trace = openSync(process.env.KILL_POINT_TRACE ?? '/dev/null', 'a');
const kill = process.kill.bind(process);
let left = Number(count);
let armed = process.env.KILL_POINT_FROM !== 'signal';

process.on('SIGCONT', () => {
  armed = true;
});

/** The process passes here; it goes no further if this is where it ends. */
export function point(name: string): void {
  writeSync(trace, `${name}\n`);
  if (armed && name === target && --left === 0) kill(process.pid, 'SIGKILL');
}
