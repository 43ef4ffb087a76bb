/** Keeps what a service's config holds in secret out of error texts. */
import type { ServiceConfig } from './config/service-config.ts';

/** Shorter values are words like `true` or `info` and would make any text unreadable. */
const SHORTEST_SECRET = 6;

/** The text with every environment value, header value and token of the config replaced. */
export function redact(text: string, config: ServiceConfig): string {
  const values = Object.values(config.kind === 'stdio' ? config.env : config.headers);
  // Of `Bearer <token>` the token alone is secret, too. Longest first, so that no part of one is left over.
  const secrets = values
    .flatMap(value => [value, ...value.split(/\s+/)])
    .filter(s => s.length >= SHORTEST_SECRET);
  return secrets
    .sort((a, b) => b.length - a.length)
    .reduce((out, secret) => out.replaceAll(secret, '***'), text);
}
