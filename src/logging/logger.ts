/** The log of the gateway: JSON lines on stderr (stdout has only the line that says where it listens). */
import {
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import type { Settings } from '../settings/table.ts';
import { redactFields } from './redact.ts';

export interface LoggerOptions {
  readonly level: Settings['logLevel'];
  /** Lines for people instead of JSON, if pino-pretty is installed; default: when stderr is a terminal. */
  readonly pretty?: boolean;
  /** Where lines go; default: stderr, written before the call returns, so that a crash loses none. */
  readonly stream?: DestinationStream;
}

const STDERR = 2;

/**
 * Creates the logger. Secrets are taken out of every field by name (see `redact.ts`), of errors too; what is put
 * into the message itself, and a child's bindings, are the caller's to keep clean.
 */
export async function createLogger({ level, pretty, stream }: LoggerOptions): Promise<Logger> {
  const people = pretty ?? process.stderr.isTTY;
  const target =
    stream ?? (people ? await prettyStream() : null) ?? destination({ dest: STDERR, sync: true });
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
    target,
  );
}

/** pino-pretty is a development dependency; null where it is not installed. */
async function prettyStream(): Promise<DestinationStream | null> {
  try {
    const { default: createPretty } = await import('pino-pretty');
    return createPretty({ destination: STDERR, sync: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
