/** How a command tells that something did not work: to people a line, to scripts an object. */
import { escapeHarmful } from '../logging/harmless.ts';
import { EXIT, type Terminal } from './command.ts';

/** A line on `err`; whatever others wrote in it does nothing to the terminal. */
export function complain(terminal: Terminal, message: string): void {
  terminal.err(`evergate: ${escapeHarmful(message)}\n`);
}

/**
 * Tells why a command failed.
 * @param more what the object has besides `error`; null: it is told to people
 * @returns the exit code
 */
export function tellFailure(terminal: Terminal, { message }: Error, more: object | null): number {
  if (more === null) complain(terminal, message);
  else terminal.out(`${JSON.stringify({ ...more, error: message })}\n`);
  return EXIT.failed;
}
