/** Around the steps of boot and of shutdown. */
import { Server } from 'node:net';
import { LiveServices } from '../../../src/actors/live.ts';
import { ProcessTree } from '../../../src/backends/stdio/process-tree.ts';
import { LmdbHandle } from '../../../src/store/lmdb-handle.ts';
import { LmdbLog } from '../../../src/store/lmdb-log.ts';
import { around } from './around.ts';
import { point } from './point.ts';

let booting = true;
let stopping = false;

around(LmdbLog.prototype, 'owed', owed => {
  return function* (this: LmdbLog) {
    point('boot: before debts are read');
    const debts = [...owed.call(this)];
    point('boot: debts read');
    yield* debts;
  };
});

around(ProcessTree.prototype, 'end', end => {
  return async function (this: ProcessTree, graceMs) {
    if (!booting) return end.call(this, graceMs);
    point('boot: leftovers found');
    const ended = await end.call(this, graceMs);
    point('boot: leftovers ended');
    return ended;
  };
});

around(Server.prototype, 'listen', listen => {
  return function (this: Server, ...given: unknown[]) {
    point('boot: before listening');
    this.once('listening', () => {
      booting = false;
      point('boot: listening');
    });
    return listen.apply(this, given as never);
  } as typeof listen;
});

around(LiveServices.prototype, 'refuseAll', refuseAll => {
  return function (this: LiveServices) {
    if (!stopping) point('stop: begins');
    stopping = true;
    refuseAll.call(this);
  };
});

around(LiveServices.prototype, 'stop', stop => {
  return async function (this: LiveServices) {
    point('stop: connections closed');
    await stop.call(this);
    point('stop: backends ended');
  };
});

around(LmdbHandle.prototype, 'close', close => {
  return async function (this: LmdbHandle) {
    point('stop: before the release');
    await close.call(this);
    point('stop: released');
  };
});
