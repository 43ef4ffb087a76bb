import { MemoryLog } from '../../../src/store/memory-log.ts';
import { describeEventLog } from './event-log.contract.ts';

describeEventLog(
  'MemoryLog',
  () => new MemoryLog(),
  () => {},
);
