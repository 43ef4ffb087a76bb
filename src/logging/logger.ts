/** The log of the gateway, on stderr: JSON lines, or lines for people (stdout has only the line that says where it listens). */
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { Settings } from '../settings/table.ts';
import { escapeHarmful } from './harmless.ts';
import { LineSink } from './line-sink.ts';
import { prettyLine } from './pretty.ts';
import { redactFields } from './redact.ts';

export interface LoggerOptions {
  readonly level: Settings['logLevel'];
  /** `auto`: for people when stderr is a terminal. */
  readonly format: Settings['logFormat'];
  /** Where lines go; default: stderr, written before the call returns, so that a crash loses none. */
  readonly stream?: DestinationStream;
  /** Whether that is a terminal; default: as stderr is. */
  readonly terminal?: boolean;
}

const STDERR = 2;

/**
 * Creates the logger. Secrets are taken out of every field by name (see `redact.ts`), of errors too; what is put
 * into the message itself, and a child's bindings, are the caller's to keep clean. Whatever a field holds, it stays on
 * its line and moves no cursor.
 */
export function createLogger({ level, format, stream, terminal }: LoggerOptions): Logger {
  const isTerminal = terminal ?? process.stderr.isTTY === true;
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const shown = isPretty
    ? (line: string) => prettyLine(line, isTerminal)
    : (line: string) => `${escapeHarmful(line.trimEnd())}\n`;
  const out = stream ?? new LineSink(STDERR, lost => shown(linesLost(lost)));
  const write = (line: string) => void out.write(shown(line));
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }), log: redactFields },
      serializers: {
        err: error => (error instanceof Error ? redactFields(stdSerializers.err(error)) : error),
      },
    },
    { write },
  );
}

const linesLost = (lines: number) =>
  JSON.stringify({
    level: 'warn',
    time: new Date().toISOString(),
    lines,
    msg: 'lines of this log were lost: stderr took none',
  });
