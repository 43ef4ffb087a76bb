/** Advice of the remote transports, which speak of a service's config, for whoever has flags in its place. */

const IN_A_CONFIG: readonly (readonly [RegExp, string])[] = [
  [/set authToken or the header Authorization in the service config/, 'give it --token or --header'],
  [/the credentials in the service config/, '--token and --header'],
  [/the type in the service config/, '--type'],
  [/raise startTimeoutMs in its config/, 'raise --timeout-ms'],
  [/(?<=\(10 × )startTimeoutMs/, '--timeout-ms'],
  // Of what has no flag, nothing.
  [/, or raise connectTimeoutSecs|; if that is meant, add the host to the setting \w+/, ''],
  [/^authToken (?=must )/, '--token '],
  [/^headers\.(?=\S+ )/, '--header '],
];

export function asFlags(message: string): string {
  return IN_A_CONFIG.reduce((text, [config, flag]) => text.replace(config, flag), message);
}
