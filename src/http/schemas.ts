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
 * Compiles schemas with TypeBox. Nothing is coerced, defaulted or removed. Only `typebox/schema` is loaded: the
 * package as a whole, or the provider's own compiler, would take three times as long at boot.
 */
export const schemaCompiler: FastifySchemaCompiler<XSchema> = ({ schema }) => {
  const validator = Compile(schema);
  return (value: unknown) => {
    if (validator.Check(value)) return { value };
    const [, errors] = validator.Errors(value);
    return { error: errors };
  };
};
