/** What a gateway in Node can reach at best: next to nothing between the client and the pipe. */
import { BACKEND, type Started, startListening, type Target } from './target.ts';

export const LISTENS = /^listens on (\S+)$/m;
const GATEWAY = 'bench/references/gateway.mjs';

/** Bare Fastify in front of the backend. @param node flags of Node */
export function startReference(node: readonly string[], ...flags: readonly string[]): Promise<Started> {
  return startListening([...node, GATEWAY, ...flags, '--', ...BACKEND], LISTENS);
}

function reference(name: string, ...flags: readonly string[]): Target {
  return {
    name,
    kind: 'reference',
    async start() {
      const { pid, url, stop } = await startReference([], ...flags);
      return { pid, streamable: `${url}/mcp`, headers: '', rename: tool => tool, stop };
    },
  };
}

export const FASTIFY = reference('bare Fastify', '--engine', 'fastify');
export const FASTIFY_SSE = reference('bare Fastify, SSE', '--engine', 'fastify', '--sse');
export const HTTP = reference('bare http', '--engine', 'http');

/** No gateway at all. */
export const DIRECT: Target = {
  name: 'direct stdio',
  kind: 'reference',
  start: async () => ({ pid: null, headers: '', rename: tool => tool, stop: async () => {} }),
};
