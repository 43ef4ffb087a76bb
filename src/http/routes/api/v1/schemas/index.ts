/** The schemas that have a name of their own in the OpenAPI document. */
import { refusal } from '../../../../envelope-schemas.ts';
import { pastState, record } from './record.ts';
import { service, serviceDetail } from './service.ts';
import { statechart } from './statechart.ts';

export const namedSchemas = [refusal, service, serviceDetail, record, pastState, statechart] as const;
