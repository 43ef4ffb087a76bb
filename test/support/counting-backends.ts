/** Backends that count the calls they see, and can be lost: processes that write down what they saw, and remotes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { discovered } from './modern.ts';
import { json, RemoteServer, response, speakHttpSse } from './remote-server.ts';

const WITNESS = fileURLToPath(new URL('../fixtures/witness-server.mjs', import.meta.url));

export interface CountingBackend {
  readonly config: object;
  /** Calls seen so far. */
  calls(): number;
  lose(): Promise<void>;
}

interface Line {
  readonly what: string;
  readonly pid: number;
  readonly service: string;
  readonly token: string;
}

/** Processes of one test, and the journal they share. */
export class Witnesses {
  readonly #journal: string;

  /** @param journal path of a file that is to be made */
  constructor(journal: string) {
    this.#journal = journal;
    writeFileSync(journal, '');
  }

  config(service: string, ...flags: string[]): object {
    const args = ['--journal', this.#journal, '--service', service, '--version', '1', ...flags];
    return { command: process.execPath, args: [WITNESS, ...args] };
  }

  /** How often a token was seen by any of them. */
  seen(token: string): number {
    return this.#lines().filter(line => line.token === token).length;
  }

  backend(service: string): CountingBackend {
    return {
      config: this.config(service),
      calls: () => this.#lines().filter(({ what }) => what === 'call').length,
      lose: async () => {
        for (const { what, pid, service: of } of this.#lines())
          if (what === 'start' && of === service) kill(pid);
      },
    };
  }

  #lines(): Line[] {
    const texts = readFileSync(this.#journal, 'utf8').split('\n').slice(0, -1);
    return texts.map(text => JSON.parse(text) as Line);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended before
  }
}

/** A remote that answers a call with its token, or not at all if it is to take any time. Stopped after the test. */
export async function countingRemote(type: 'http' | 'sse'): Promise<CountingBackend> {
  const server = await RemoteServer.start();
  let calls = 0;
  const say = type === 'sse' ? speakHttpSse(server).say : null;
  server.answers.set('server/discover', json(discovered));
  server.answers.set('tools/list', json({ tools: [] }));
  server.answers.set('tools/call', exchange => {
    calls++;
    const { arguments: args } = exchange.message.params as { arguments: { token: string; ms?: number } };
    const content = [{ type: 'text', text: args.token }];
    if (say !== null) exchange.response.writeHead(202).end();
    if (args.ms !== undefined) return;
    if (say === null) json({ content })(exchange);
    else say(response(exchange.message, { content }));
  });
  return {
    config: { url: server.url, type, maxRetries: 0 },
    calls: () => calls,
    lose: () => server.stop(),
  };
}
