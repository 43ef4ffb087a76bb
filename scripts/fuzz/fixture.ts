/** The MCP server that fuzzed services run: small, and able to misbehave. */
const PATH = new URL('../../test/fixtures/tiny-server.mjs', import.meta.url).pathname;

const DUAL = new URL('../../test/fixtures/conformance/dual-server.mjs', import.meta.url).pathname;

export const tinyServer = () => ({ command: process.execPath, args: [PATH] });

/** One that speaks both eras. */
export const dualServer = () => ({ command: process.execPath, args: [DUAL] });

/** The only commands that a fuzzed config may start. */
export const ALLOWED_COMMANDS = [
  `${process.execPath} ${PATH}`,
  `${process.execPath} ${DUAL}`,
  '/bin/true',
  '/bin/false',
];
