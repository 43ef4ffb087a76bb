import { Refusal } from '../../../../actors/refusal.ts';
import { StorageError, UnreadableRecordError } from '../../../../store/errors.ts';

/** What `read` resolves with. @throws {Refusal} 0009 the log cannot be read; 0005 a record on the way is damaged */
export async function readingLog<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StorageError)
      throw new Refusal('0009', `the event log cannot be read: ${error.message}`, 1000);
    if (error instanceof UnreadableRecordError)
      throw new Refusal('0005', `its history ends there: ${error.message}`);
    throw error;
  }
}
