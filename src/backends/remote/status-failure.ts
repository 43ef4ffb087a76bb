/** HTTP statuses of a remote backend that are no answer, and what to do about them. */
import { RemoteFailure } from './remote-failure.ts';

const ADVICE: ReadonlyMap<number, string> = new Map([
  [401, 'it wants credentials: set authToken or the header Authorization in the service config'],
  [403, 'check the credentials in the service config, and what they allow'],
  [404, 'check the path of the url'],
  [405, 'check the path of the url, and the type in the service config'],
  [406, 'check the path of the url, and the type in the service config'],
  [408, 'try again'],
  [413, 'the message is too large for it'],
  [415, 'check the path of the url, and the type in the service config'],
  [429, 'it wants fewer requests; try again later'],
]);

/** A client error means that the remote did not act on the message; any other status can mean that it did. */
export function statusFailure(origin: string, method: string, status: number): RemoteFailure {
  const advice = ADVICE.get(status) ?? (status >= 500 ? 'see its own log' : 'check the url');
  const delivered = status < 400 || status >= 500;
  const message = `${origin} answered ${method} with HTTP ${status}; ${advice}`;
  return new RemoteFailure('status', message, delivered, status);
}
