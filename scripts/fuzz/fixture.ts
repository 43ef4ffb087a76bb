/** The MCP server that fuzzed services run: small, and able to misbehave. */
const PATH = new URL('../../test/fixtures/tiny-server.mjs', import.meta.url).pathname;

export const tinyServer = () => ({ command: process.execPath, args: [PATH] });

/** The only commands that a fuzzed config may start. */
export const ALLOWED_COMMANDS = [`${process.execPath} ${PATH}`, '/bin/true', '/bin/false'];
