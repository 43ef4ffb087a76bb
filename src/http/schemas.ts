/** Request bodies as JSON Schema; TypeBox infers their types and checks them. Unknown keys are let through. */
import type { FastifySchemaCompiler, SafePromiseLike } from 'fastify';
import type { XSchema } from 'typebox/schema';

/** Older clients write an absent value as null. */
const text = { type: ['string', 'null'] } as const;
const config = { type: ['string', 'object', 'null'] } as const;

/** `check_status`: camelCase as the earlier system had it; snake_case means the same. */
export const checkStatusBody = {
  type: 'object',
  properties: {
    mcpId: text,
    mcp_id: text,
    mcpJsonConfig: config,
    mcp_json_config: config,
    mcpType: text,
    mcp_type: text,
    backendProtocol: text,
    backend_protocol: text,
  },
} as const;

/** `add`: snake_case as the earlier system had it; camelCase means the same. */
export const addBody = {
  type: 'object',
  properties: { mcpJsonConfig: config, mcp_json_config: config, mcpType: text, mcp_type: text },
} as const;

/**
 * Compiles schemas with TypeBox, each when something is first checked against it. Nothing is coerced, defaulted or removed, but
 * for whole numbers in queries, where all is text. TypeBox is a third of what there would be to load at boot, and calls do
 * without it. Only `typebox/schema` is loaded: the package as a whole, or the provider's own compiler, would take three times as long.
 */
export const schemaCompiler: FastifySchemaCompiler<XSchema> = ({ schema, httpPart }) => {
  let compiling: ReturnType<typeof compile> | undefined;
  const integers = httpPart === 'querystring' ? integersIn(schema) : [];
  // What Fastify waits for says only that something is wrong, by a rejection with what it would have got otherwise.
  const validate = async (sent: unknown) => {
    compiling ??= compile(schema);
    const validator = await compiling;
    readNumbers(sent, integers);
    if (validator.Check(sent)) return;
    const [, errors] = validator.Errors(sent);
    await Promise.reject(errors);
  };
  // Fastify marks promises that it awaits, for linters.
  return sent => validate(sent) as unknown as SafePromiseLike<unknown>;
};

async function compile(schema: XSchema) {
  const { Compile } = await import('typebox/schema');
  return Compile(schema);
}

/** The fields that are whole numbers. */
function integersIn(schema: XSchema): readonly string[] {
  const { properties = {} } = schema as { properties?: Readonly<Record<string, { type?: unknown }>> };
  return Object.keys(properties).filter(name => properties[name]?.type === 'integer');
}

/** Makes numbers of the fields of a query that are whole numbers; what is none stays text, and is refused. */
function readNumbers(query: unknown, names: readonly string[]): void {
  const fields = query as Record<string, unknown>;
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && /^\d{1,16}$/.test(value)) fields[name] = Number(value);
  }
}
