/** Values by JSON Schema: most of them valid, some of them not. */
import fc from 'fast-check';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Values for fields that mean something whatever their schema says, by name. */
export type Meanings = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const anything = fc.jsonValue({ maxDepth: 3 });

/** Nine of ten are as the schema says, unless it is one this does not know. */
export function valueBy(schema: Schema, meanings: Meanings, name = ''): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 9, arbitrary: valid(schema, meanings, name) },
    { weight: 1, arbitrary: anything },
  );
}

function valid(schema: Schema, meanings: Meanings, name: string): fc.Arbitrary<unknown> {
  const meant = meanings[name];
  if (meant !== undefined) return meant;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(each => valueBy(each, meanings)));
  return fc.oneof(...[schema.type ?? 'any'].flat().map(type => ofType(type, schema, meanings)));
}

function ofType(type: string, schema: Schema, meanings: Meanings): fc.Arbitrary<unknown> {
  const { minimum = -(2 ** 31), maximum = 2 ** 31, minLength = 0, maxLength = 40 } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: minimum, max: maximum });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'string':
      return schema.pattern === undefined
        ? fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) })
        : fc.stringMatching(new RegExp(schema.pattern));
    case 'array':
      return fc.array(valueBy(schema.items ?? {}, meanings), { maxLength: 4 });
    case 'object':
      return objectOf(schema, meanings);
    default:
      return anything;
  }
}

function objectOf({ properties = {}, required = [] }: Schema, meanings: Meanings): fc.Arbitrary<unknown> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, schema] of Object.entries(properties)) fields[name] = valueBy(schema, meanings, name);
  return fc.record(fields, { requiredKeys: [...required] });
}
