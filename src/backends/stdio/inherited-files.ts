/**
 * Files of this process that a child would inherit: those opened without close-on-exec by native code, such as
 * the event log's. Node closes what it opened itself, and cannot set the flag on others.
 */
import { openSync, readdirSync, readFileSync } from 'node:fs';

const FDINFO = '/proc/self/fdinfo';
const CLOSE_ON_EXEC = 0o2000000;
const FIRST_BEYOND_STDIO = 3;

/** Descriptors from 3 on that would be inherited; none where there is no /proc. */
function inheritedFiles(): number[] {
  return listFiles().filter(fd => fd >= FIRST_BEYOND_STDIO && isInherited(fd));
}

/**
 * The `stdio` of a child with three pipes and none of this process's files: each descriptor it would inherit is
 * covered with /dev/null.
 */
export function sealedStdio(): ('pipe' | 'ignore' | number)[] {
  const stdio: ('pipe' | 'ignore' | number)[] = ['pipe', 'pipe', 'pipe'];
  for (const fd of inheritedFiles()) {
    while (stdio.length <= fd) stdio.push('ignore');
    stdio[fd] = nullDevice();
  }
  return stdio;
}

let opened: number | undefined;

function nullDevice(): number {
  opened ??= openSync('/dev/null', 'r+');
  return opened;
}

function listFiles(): number[] {
  try {
    return readdirSync(FDINFO).map(Number);
  } catch {
    return []; // no /proc: nothing can be told apart
  }
}

function isInherited(fd: number): boolean {
  try {
    const [, flags = '0'] = /^flags:\s+(\d+)/m.exec(readFileSync(`${FDINFO}/${fd}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false; // closed since it was listed
  }
}
