/**
 * Given to a gateway with `--import`: SIGWINCH begins a CPU profile, a second one writes it to the file named by
 * BENCH_PROFILE. So only what is measured is in it, not the boot.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const INTERVAL_US = 200;
const session = new Session();
let running = false;

process.on('SIGWINCH', () => {
  running = !running;
  if (running) {
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    session.post('Profiler.start');
  } else {
    session.post('Profiler.stop', (error, result) => {
      if (error) throw error;
      writeFileSync(process.env.BENCH_PROFILE, JSON.stringify(result.profile));
      session.disconnect();
    });
  }
});
