/** Around what is written to the data file. */
import { LmdbHandle } from '../../../src/store/lmdb-handle.ts';
import { LmdbLog } from '../../../src/store/lmdb-log.ts';
import { around } from './around.ts';
import { point } from './point.ts';

/** What a write that is no append is to be called; others have no points. */
const WRITES: ReadonlyMap<string, string> = new Map([
  ['write the sessions to', 'sessions'],
  ['write the streams to', 'streams'],
  ['prune the event log', 'prune'],
]);

/** Names of what the write under way holds. */
let writing: readonly string[] = [];
const at = (stage: string) => {
  for (const name of writing) point(`${name}: ${stage}`);
};

const nameOf = (type: string) => (type.startsWith('xstate.after.cooldown') ? 'cooldown over' : type);

around(LmdbLog.prototype, 'appendAll', appendAll => {
  return function (this: LmdbLog, appends) {
    const events = appends.flatMap(({ drafts }) => drafts.map(({ event }) => nameOf(event.type)));
    writing = events;
    const appended = appendAll.call(this, appends);
    writing = events;
    at('durable');
    writing = [];
    // Runs when whoever appended has returned to the event loop: what follows the commit at once has begun.
    queueMicrotask(() => {
      for (const event of events) point(`${event}: followed`);
    });
    return appended;
  };
});

around(LmdbHandle.prototype, 'write', write => {
  return function (this: LmdbHandle, action, valueBytes, fill) {
    const name = WRITES.get(action);
    if (name !== undefined) writing = [name];
    point('write: asked');
    write.call(this, action, valueBytes, file => {
      fill(file);
      at('written');
    });
    if (name !== undefined) at('durable');
    writing = [];
  };
});
