/**
 * A file of the package, by its path from the package's root. This module stays directly in its folder: that is as far below
 * the root in the sources as what is built of them is.
 */
export const packageFile = (path: string): URL => new URL(`../${path}`, import.meta.url);
