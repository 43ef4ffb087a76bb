/** What the API asks of the rest of the gateway. */
import type { Observatory } from '../../../../actors/observatory.ts';
import type { Operator } from '../../../../actors/operator.ts';
import type { Services } from '../../../../actors/services.ts';
import type { Clock } from '../../../../backends/clock.ts';
import type { StreamSettings } from './streams/record-streams.ts';

export interface ApiPorts extends Observatory {
  readonly services: Pick<Services, 'tools'>;
  readonly operator: Operator;
  readonly clock: Clock;
  readonly streams: StreamSettings;
}
