/** The drawings as pictures. They are laid out by `npm run docs`, and CI holds them to the machine. */
import { readFile } from 'node:fs/promises';
import type { ServiceType } from '../actors/services.ts';
import { packageFile } from '../package-files.ts';

const FOLDER = packageFile('docs/statecharts/');

/** The SVG of a type's statechart. @throws {Error} the package is incomplete */
export function pictureOf(type: ServiceType): Promise<string> {
  return readFile(new URL(`${type}.svg`, FOLDER), 'utf8');
}
