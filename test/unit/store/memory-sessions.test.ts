import { MemorySessionStore } from '../../../src/store/memory-sessions.ts';
import { MemoryStreamStore } from '../../../src/store/memory-streams.ts';
import { describeSessionStore } from './session-store.contract.ts';
import { describeStreamStore } from './stream-store.contract.ts';

const nothing = async () => {};
describeSessionStore('MemorySessionStore', options => new MemorySessionStore(options), nothing);
describeStreamStore('MemoryStreamStore', () => new MemoryStreamStore(), nothing);
