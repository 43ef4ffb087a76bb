/** The envelope (contract §1) around what a route answers, as JSON Schema. */

/** A schema that has a name of its own in the OpenAPI document. */
export const ref = <const Name extends string>(name: Name) => ({ $ref: `${name}#` }) as const;

/** The answer of a route that succeeded. @param data the schema of its `data` */
export function answer(description: string, data: object) {
  return {
    description,
    type: 'object',
    required: ['code', 'message', 'data', 'tid', 'success'],
    properties: {
      code: { const: '0000' },
      message: { type: 'string' },
      data,
      tid: { type: 'string', description: 'Trace id, also sent as `x-request-id`.' },
      success: { const: true },
    },
  };
}

/** One page of a list. @param item the schema of an item @param more what the page has besides */
export function pageOf(item: object, more: Readonly<Record<string, object>> = {}) {
  return {
    type: 'object',
    required: ['items', 'nextCursor', ...Object.keys(more)],
    properties: {
      items: { type: 'array', items: item },
      nextCursor: { type: ['string', 'null'], description: 'Where the next page begins; null at the end.' },
      ...more,
    },
  };
}

/** Every answer that is no success. */
export const refusal = {
  $id: 'Refusal',
  description: 'Why the gateway says no; `message` names what is wrong and the remedy.',
  type: 'object',
  required: ['code', 'message', 'data', 'tid', 'success'],
  properties: {
    code: {
      type: 'string',
      pattern: '^00(0[1-9]|1[0-4])$',
      description: 'See the table of codes in the README.',
    },
    message: { type: 'string' },
    data: { type: 'null' },
    tid: { type: 'string' },
    success: { const: false },
  },
} as const;
