/** `${env:NAME}` and `${file:path}` in a config: where a secret stands that is not to be stored. */

export interface Reference {
  readonly kind: 'env' | 'file';
  /** Name of the variable, or path of the file. */
  readonly name: string;
}

const REFERENCE = /\$\{(env|file):([^{}]*)\}/g;
/** The same in a URL, whose parser escapes braces in a path. */
const ESCAPED = /\$(?:\{|%7B)(env|file):([^{}%]*)(?:\}|%7D)/gi;

/** The text with every reference replaced by what `read` gives for it. */
export function replaceReferences(text: string, read: (reference: Reference) => string): string {
  if (!text.includes('${')) return text;
  return text.replaceAll(REFERENCE, (_whole, kind: Reference['kind'], name: string) => read({ kind, name }));
}

/** The same for a URL: what is put in is escaped, so that it stays within the part where the reference stood. */
export function replaceInUrl(url: string, read: (reference: Reference) => string): string {
  if (!url.includes('$')) return url;
  return url.replaceAll(ESCAPED, (_whole, kind: string, name: string) =>
    encodeURIComponent(read({ kind: kind.toLowerCase() === 'env' ? 'env' : 'file', name })),
  );
}
