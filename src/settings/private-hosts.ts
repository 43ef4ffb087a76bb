/** The setting `allowedPrivateHosts`: which private hosts a remote service may be at. */
import { parseHostList } from '../backends/remote/host-list.ts';
import { messageOf } from '../message-of.ts';
import { type Kind, texts } from './kinds.ts';
import { WrongValue } from './settings-error.ts';

export const privateHosts: Kind<readonly string[]> = {
  ...texts,
  expects: 'a list of host names, addresses and CIDR ranges, or `*`',
  fromTexts: values => checked(texts.fromTexts(values)),
  fromFile: value => checked(texts.fromFile(value)),
};

function checked(entries: readonly string[]): readonly string[] {
  try {
    parseHostList(entries);
    return entries;
  } catch (error) {
    throw new WrongValue(`cannot be read: ${messageOf(error)}`);
  }
}
