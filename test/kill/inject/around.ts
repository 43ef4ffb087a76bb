type Methods<T> = { [K in keyof T]: T[K] extends (...given: never[]) => unknown ? K : never }[keyof T];

/** Replaces a method by one that wraps it, on this object alone or, given a prototype, on all that have it. */
export function around<T extends object, K extends Methods<T>>(
  target: T,
  name: K,
  wrap: (original: T[K]) => T[K],
): void {
  const value = wrap(target[name]);
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true });
}
