/** Which services the server files declared, kept in the data directory: what left a file while the gateway was down is let go. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ids by the path of their file. */
export type Remembered = Readonly<Record<string, readonly string[]>>;

const FILE = 'mcp-config.json';

/** Empty when there is none, or none that can be used: then nothing is let go. */
export function recall(dataDir: string): Remembered {
  try {
    const content: unknown = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8'));
    const isIds = (ids: unknown) => Array.isArray(ids) && ids.every(id => typeof id === 'string');
    if (typeof content !== 'object' || content === null || !Object.values(content).every(isIds)) return {};
    return content as Remembered;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Replaces what was remembered, whole or not at all. @throws {Error} it cannot be written */
export function remember(dataDir: string, remembered: Remembered): void {
  const path = join(dataDir, FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(remembered)}\n`);
  renameSync(`${path}.new`, path);
}
