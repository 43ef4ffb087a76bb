/** What the log keeps beside a service's records, compared with its head. */
import { configFingerprint, configFromJson } from '../backends/config/stored-config.ts';
import { messageOf } from '../message-of.ts';
import type { EventLog, LogRecord } from '../store/event-log.ts';
import type { ServiceContext } from './machine/model.ts';
import { fromDurable, sameState } from './replay.ts';
import { CONFIG } from './service-store.ts';
import { owedOf } from './status.ts';
import { TOOLS } from './tool-list.ts';

/** What is wrong with a service's debt or documents; null when nothing is. @throws {UnreadableRecordError} one is damaged */
export function serviceProblem(log: EventLog, head: LogRecord): string | null {
  return stateProblem(log, head) ?? configProblem(log, head) ?? toolsProblem(log, head);
}

function stateProblem(log: EventLog, { id, to }: LogRecord): string | null {
  try {
    const expected = owedOf(fromDurable(to));
    const noted = log.owedTo(id);
    return sameState(expected, noted) ? null : 'what it is owed is not what its last record says';
  } catch (error) {
    return `its last state is unknown to this gateway: ${String(error)}`;
  }
}

function configProblem(log: EventLog, { id, to }: LogRecord): string | null {
  const { config } = to.context as unknown as ServiceContext;
  const document = log.document(id, CONFIG);
  if (config === null) return null;
  if (document === undefined) return 'its config is missing: send it again with x-mcp-json';
  try {
    return configFingerprint(configFromJson(document)) === config
      ? null
      : 'its config is not the one its last record names: send it again';
  } catch (error) {
    return `its config cannot be read: ${messageOf(error)}`;
  }
}

function toolsProblem(log: EventLog, { id, to }: LogRecord): string | null {
  const { tools } = to.context as unknown as ServiceContext;
  const document = log.document(id, TOOLS);
  const fits = document === undefined || document.hash === tools?.hash;
  return fits
    ? null
    : 'its list of tools is not the one its last record names: its next start writes it anew';
}
