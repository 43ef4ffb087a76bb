/** Around what is done to the world: permits, processes, their pipes, signals. */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { SpawnReceipt } from '../../../src/actors/spawn-receipt.ts';
import { StartGate } from '../../../src/actors/start-gate.ts';
import { ProcessTransport } from '../../../src/backends/stdio/process-transport.ts';
import { around } from './around.ts';
import { point } from './point.ts';

around(StartGate.prototype, 'enter', enter => {
  return function (this: StartGate, ...given) {
    point('permit: asked');
    enter.apply(this, given);
    point('permit: queued');
  };
});

around(SpawnReceipt.prototype, 'confirm', confirm => {
  return function (this: SpawnReceipt) {
    point('spawn: before it is confirmed');
    confirm.call(this);
    point('spawn: confirmed');
  };
});

around(ProcessTransport.prototype, 'close', close => {
  return function (this: ProcessTransport) {
    point('teardown: begins');
    const closing = close.call(this);
    void closing.then(() => point('teardown: all gone'));
    return closing;
  };
});

around(process, 'kill', signal => {
  return (...given) => {
    point('signal: before');
    const sent = signal.apply(process, given);
    point('signal: sent');
    return sent;
  };
});

around(childProcess, 'spawn', spawn => {
  return ((...given: Parameters<typeof spawn>) => {
    point('spawn: before');
    const child = spawn(...given);
    point('spawn: after');
    const { stdin, stdout } = child;
    stdout?.prependListener('data', () => point('message: answered'));
    if (stdin) {
      around(stdin, 'write', write => {
        return ((...message: Parameters<typeof write>) => {
          point('message: before it is delivered');
          const more = write.apply(stdin, message);
          point('message: delivered');
          return more;
        }) as typeof write;
      });
    }
    return child;
  }) as typeof spawn;
});
syncBuiltinESMExports();
