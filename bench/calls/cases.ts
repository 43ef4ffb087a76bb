/** What is asked of each gateway. */
import type { CallKind } from '../load/calls.ts';

export interface Case {
  readonly name: string;
  /** As a heading. */
  readonly title: string;
  readonly call: CallKind;
  readonly front: 'streamable' | 'httpSse';
  readonly inFlight: number;
  readonly sessions: number;
  /** Names of the gateways that take part. */
  readonly targets: readonly string[];
}

const ECHO: CallKind = { tool: 'echo', sent: 16, received: 16 };
const MB = 1_000_000;
const MOST = ['Evergate', 'bare Fastify', 'bare http'];
const PEERS = ['supergateway', 'mcp-proxy'];
const SSE_PEERS = ['supergateway, SSE front', 'mcp-proxy, SSE front', 'mcp-hub, SSE front'];

const streamable = (
  name: string,
  title: string,
  inFlight: number,
  call: CallKind,
  targets: readonly string[],
  sessions = 1,
): Case => ({ name, title, call, front: 'streamable', inFlight, sessions, targets });

/** The first three are sent to the backend without any gateway, too. */
export const CASES: readonly Case[] = [
  streamable('echo-1', 'Small echo, one client', 1, ECHO, [...MOST, ...PEERS, 'direct stdio']),
  streamable('echo-16', 'Small echo, 16 in flight', 16, ECHO, [...MOST, ...PEERS, 'direct stdio']),
  streamable('echo-64', 'Small echo, 64 in flight', 64, ECHO, [...MOST, ...PEERS, 'direct stdio']),
  streamable('sessions-16', 'Small echo, 64 in flight, 16 sessions', 64, ECHO, [...MOST, ...PEERS], 16),
  streamable(
    'slow-256',
    'A backend that takes 20 ms, 256 in flight',
    256,
    { ...ECHO, tool: 'late', delayMs: 20 },
    ['Evergate', 'bare Fastify', ...PEERS],
  ),
  streamable(
    'progress-64',
    'Progress, then the result, as an event stream, 64 in flight',
    64,
    { ...ECHO, tool: 'progress' },
    ['Evergate', 'bare Fastify, SSE'],
  ),
  streamable('results-8', 'Results of 1 MB, 8 in flight', 8, { tool: 'blob', sent: 0, received: MB }, [
    ...MOST,
    ...PEERS,
  ]),
  streamable('arguments-8', 'Arguments of 1 MB, 8 in flight', 8, { tool: 'length', sent: MB, received: 1 }, [
    ...MOST,
    ...PEERS,
  ]),
  streamable('both-8', '1 MB both ways, 8 in flight', 8, { tool: 'blob', sent: MB, received: MB }, [
    ...MOST,
    ...PEERS,
  ]),
  {
    name: 'sse-64',
    title: 'Small echo on the HTTP+SSE front, 64 in flight',
    call: ECHO,
    front: 'httpSse',
    inFlight: 64,
    sessions: 1,
    targets: ['Evergate', ...SSE_PEERS],
  },
];
