/** The steps of a call's way through the gateway, by the files that do them. */
import type { Frame } from './read-profile.ts';

const STEPS: readonly (readonly [step: string, files: RegExp])[] = [
  ['authentication', /^src\/http\/(?:auth|plugins\/auth)|internal\/crypto\/hash/],
  ['route, hooks, the body (Fastify)', /^(?:fastify|find-my-way|toad-cache|@fastify)/],
  [
    'trace id, Host, load, rate',
    /^src\/http\/(?:plugins|hosts|overload|app|current-request)|internal\/crypto/,
  ],
  ['parse and rewrite, both ways', /^src\/backends\/rpc/],
  ['session', /^src\/http\/sessions/],
  ['admission', /^src\/(?:actors|http\/demand|http\/prefer|http\/ids|http\/data-route)/],
  ['the pipe', /^src\/backends\/stdio/],
  ['the call and its match', /^src\/(?:backends|collections)/],
  ['the front, the answer', /^src\/http/],
  ['metrics', /^src\/metrics/],
  ['HTTP, streams and events of Node', /^node:/],
];
const BY_NAME: readonly (readonly [step: string, names: RegExp])[] = [
  ['write to socket and pipe', /^(?:writev|writeUtf8String|writeLatin1String|writeBuffer|WriteWrap)$/],
  ['garbage collection', /^\(garbage collector\)$/],
  ['authentication', /^(?:oneShotDigest|timingSafeEqual)$/],
];

/** Which step a function is part of. */
export function stepOf({ name, file }: Pick<Frame, 'name' | 'file'>): string {
  const native = file === '' ? BY_NAME.find(([, names]) => names.test(name))?.[0] : undefined;
  return native ?? STEPS.find(([, files]) => files.test(file))?.[0] ?? 'all else of Node and V8';
}
