/** Why a backend's process could not be made, in words that name the field and the remedy. */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartFailure } from '../backend.ts';
import type { StdioConfig } from '../config/service-config.ts';

/**
 * Explains a failed spawn. The system blames the command for a missing working directory, too, so that is
 * looked at first. Nothing of the error's own text is used: it may quote arguments or environment values.
 */
export function explainSpawnFailure(error: unknown, config: StdioConfig): StartFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new StartFailure(cwdFault(config.cwd) ?? commandFault(code, config) ?? systemFault(code, config));
}

function cwdFault(cwd: string | null): string | null {
  if (cwd === null) return null;
  const kind = probe(cwd);
  if (kind === 'missing') return `cwd: ${quote(cwd)} does not exist; create it or correct the path`;
  if (kind === 'file') return `cwd: ${quote(cwd)} is not a directory; name a directory`;
  if (!isAllowed(cwd)) return `cwd: ${quote(cwd)} may not be entered by this user; change its permissions`;
  return null;
}

function commandFault(code: string, { command, cwd }: StdioConfig): string | null {
  const name = `command: ${quote(command)}`;
  const path = command.includes('/') ? resolve(cwd ?? '.', command) : null;
  const kind = path === null ? null : probe(path);
  if (command === '') return 'command: is empty; name the program to run';
  if (code === 'ENOENT' && kind === 'file') {
    return `${name} exists, but the interpreter named in its first line (or its loader) does not; install that`;
  }
  if (code === 'ENOENT' && path === null) {
    return `${name} was not found on the PATH; install it, or give its full path`;
  }
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `${name} does not exist; install it or correct the path`;
  if (kind === 'directory') return `${name} is a directory; name the program in it`;
  if (code === 'EACCES') return `${name} may not be executed by this user; make it executable (chmod +x)`;
  if (code === 'ENOEXEC')
    return `${name} is not a program; add a first line such as #!/bin/sh, or name its interpreter`;
  return null;
}

function systemFault(code: string, { command }: StdioConfig): string {
  if (code === 'ERR_INVALID_ARG_VALUE') return 'command, args, cwd or env: holds a NUL character; remove it';
  if (code === 'E2BIG') return 'args or env: too long for this system; pass less of it';
  if (code === 'EMFILE' || code === 'ENFILE') {
    return `command: ${quote(command)} could not be started, too many files are open (${code}); raise the limit (ulimit -n)`;
  }
  if (code === 'EAGAIN' || code === 'ENOMEM') {
    return `command: ${quote(command)} could not be started, no processes or memory are left (${code}); raise the limit or stop others`;
  }
  return `command: ${quote(command)} could not be started (${code}); try it by hand as the gateway's user`;
}

function probe(path: string): 'missing' | 'directory' | 'file' {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file';
  } catch {
    return 'missing'; // also where a parent may not be entered: from here it is not there
  }
}

function isAllowed(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
