/** The environment of a stdio backend: an allow-list of the gateway's own, the config's, and the tree cookie. */

/**
 * Names the tree a process belongs to, as `<instance>/<tree>`. Children inherit it, so it finds those that
 * left the process group (`setsid`, daemons) and those an earlier life of the gateway left behind.
 */
export const TREE_VARIABLE = 'EVERGATE_TREE';

/** A source of environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const POSIX = ['PATH', 'HOME', 'LANG', 'TERM', 'TMPDIR', 'TZ', 'USER', 'LOGNAME', 'SHELL'];
const WINDOWS = [
  ...['PATH', 'PATHEXT', 'COMSPEC', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'TEMP', 'TMP', 'TZ'],
  ...[
    'APPDATA',
    'LOCALAPPDATA',
    'PROGRAMDATA',
    'PROGRAMFILES',
    'PROGRAMFILES(X86)',
    'PROCESSOR_ARCHITECTURE',
  ],
  ...['HOMEDRIVE', 'HOMEPATH', 'USERNAME', 'USERPROFILE', 'LANG', 'TERM'],
];

/**
 * Builds a backend's environment. Nothing of `source` passes but the allow-list, `own` (the config's `env`)
 * overrides it, and nothing overrides the cookie. `more` adds names to the list. Names are compared regardless of case on Windows.
 */
export function backendEnvironment(
  source: Environment,
  own: Readonly<Record<string, string>>,
  cookie: string,
  platform: NodeJS.Platform,
  more: readonly string[] = [],
): Record<string, string> {
  const windows = platform === 'win32';
  const fold = (name: string) => (windows ? name.toUpperCase() : name);
  const allowed = new Set([...(windows ? WINDOWS : POSIX), ...more].map(fold));
  const overridden = new Set([...Object.keys(own), TREE_VARIABLE].map(fold));
  const inherited = Object.entries(source).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      (allowed.has(fold(entry[0])) || (!windows && entry[0].startsWith('LC_'))) &&
      !overridden.has(fold(entry[0])) &&
      !entry[1].startsWith('()'), // an exported shell function, not a value
  );
  const configured = Object.entries(own).filter(([name]) => fold(name) !== TREE_VARIABLE);
  return Object.fromEntries([...inherited, ...configured, [TREE_VARIABLE, cookie]]);
}

/** Joins the two halves of a cookie. `instance` is that of the data directory, `tree` is random. */
export function treeCookie(instance: string, tree: string): string {
  return `${instance}/${tree}`;
}

/** Whether a cookie was given by the gateway of this data directory, in any of its lives. */
export function isOfInstance(cookie: string, instance: string): boolean {
  return cookie.startsWith(`${instance}/`);
}
