/** The setting `allowedPrivateHosts`: which private hosts a remote service may be at. */
import { parseHostList } from '../backends/remote/host-list.ts';
import { messageOf } from '../message-of.ts';
import { listOf } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

export const privateHosts = listOf('a list of host names, addresses and CIDR ranges, or `*`', checked);

function checked(entries: readonly string[]): readonly string[] {
  try {
    parseHostList(entries);
    return entries;
  } catch (error) {
    throw new WrongValue(`cannot be read: ${messageOf(error)}`);
  }
}
