/** A client that has the backend for itself, without any gateway: what a call costs anyhow. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { callTexts, INITIALIZED, initializeText } from './calls.ts';
import type { Client, ClientOptions } from './client.ts';

const LINE_FEED = 10;

/** @param command of the backend */
export async function openStdio(command: readonly string[], options: ClientOptions): Promise<Client> {
  const [file = '', ...argv] = command;
  const child = spawn(file, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = new Map<number, (fault: string | null) => void>();
  readAnswers(child.stdout, answers);
  const ask = (id: number, text: string) =>
    new Promise<string | null>(resolve => {
      answers.set(id, resolve);
      child.stdin.write(`${text}\n`);
    });
  await ask(0, initializeText(0));
  child.stdin.write(`${INITIALIZED}\n`);
  const textOf = callTexts(options.call, options.rename);
  return {
    call: (_worker, id) => ask(id, textOf(id)),
    async close() {
      child.kill();
    },
  };
}

/** Every answer is parsed, as any client has to. */
function readAnswers(stdout: Readable, answers: Map<number, (fault: string | null) => void>): void {
  let pieces: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      const line = Buffer.concat([...pieces, chunk.subarray(from, at)]);
      pieces = [];
      from = at + 1;
      const { id, result } = JSON.parse(line.toString());
      const take = answers.get(id);
      answers.delete(id);
      take?.(result === undefined ? 'an error' : null);
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
  });
}
