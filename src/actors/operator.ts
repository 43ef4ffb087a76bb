/** What an operator may do to services: the verbs of the API that no MCP client has. */
import type { StartCause } from './machine/model.ts';
import type { ServiceStatus, StartOrder } from './services.ts';

export interface Operator {
  /** Starts what is not running, without waiting. @param order registers, or is taken over first @throws {Refusal} 0001 without one */
  start(id: string, order: StartOrder | null, by: StartCause): ServiceStatus | Promise<ServiceStatus>;
  /** Registers, or makes config and type those of the next start. @param startNew starts a new Persistent service @throws {Refusal} */
  declare(id: string, order: StartOrder, startNew: boolean): void | Promise<void>;
  /** Passes on a wish; where it changes nothing, nothing happens. @throws {Refusal} 0001 no such service */
  request(id: string, wish: 'stop requested' | 'restart requested'): void | Promise<void>;
  /** Stops and forgets; resolves when its last process is gone. Idempotent; false when there was no such service. */
  remove(id: string): Promise<boolean>;
}
