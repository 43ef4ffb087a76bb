/** Request bodies as JSON Schema; TypeBox infers their types and checks them. Unknown keys are let through. */
import type { FastifySchemaCompiler } from 'fastify';
import { Compile, type XSchema } from 'typebox/schema';

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
 * Compiles schemas with TypeBox. Nothing is coerced, defaulted or removed, but for whole numbers in queries, where all is
 * text. Only `typebox/schema` is loaded: the
 * package as a whole, or the provider's own compiler, would take three times as long at boot.
 */
export const schemaCompiler: FastifySchemaCompiler<XSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  const read = httpPart === 'querystring' ? numbersIn(schema) : (value: unknown) => value;
  return (sent: unknown) => {
    const value = read(sent);
    if (validator.Check(value)) return { value };
    const [, errors] = validator.Errors(value);
    return { error: errors };
  };
};

/** Reads the fields of a query that are whole numbers by their schema; what is none stays text, and is refused. */
function numbersIn(schema: XSchema): (query: unknown) => unknown {
  const { properties = {} } = schema as { properties?: Readonly<Record<string, { type?: unknown }>> };
  const names = Object.keys(properties).filter(name => properties[name]?.type === 'integer');
  return query => {
    const read = { ...(query as Record<string, unknown>) };
    for (const name of names) {
      const value = read[name];
      if (typeof value === 'string' && /^\d{1,16}$/.test(value)) read[name] = Number(value);
    }
    return read;
  };
}
