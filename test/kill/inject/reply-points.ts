/** Around what is told to clients. */
import { ServerResponse } from 'node:http';
import { around } from './around.ts';
import { point } from './point.ts';

around(ServerResponse.prototype, 'end', end => {
  return function (this: ServerResponse, ...given: unknown[]) {
    const kind = this.req.url?.includes('/proxy/') ? 'call' : 'command';
    point(`${kind}: before the reply`);
    this.once('finish', () => point(`${kind}: replied`));
    return end.apply(this, given as never);
  } as typeof end;
});

around(ServerResponse.prototype, 'write', write => {
  return function (this: ServerResponse, ...given: unknown[]) {
    point('stream: before an event');
    const more = write.apply(this, given as never);
    point('stream: event sent');
    return more;
  } as typeof write;
});
