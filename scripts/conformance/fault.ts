/** Why the suites could not be run at all; the message says what to do. */
export class Fault extends Error {
  override readonly name = 'Fault';
}
