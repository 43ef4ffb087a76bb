/** The OpenAPI document as one page for people: no script, nothing from elsewhere. */
import { API_STYLE } from './api-style.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function apiPage({ info, tags, paths, components }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${name}">${name}</h2>\n<p>${prose(description)}</p>\n${own.map(operationBlock).join('\n')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${name}"><summary><b>${name}</b> <span>${prose(schema.description ?? '')}</span></summary>${fields(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}: API</title>
<style>${API_STYLE}</style>
<h1>${info.title} ${info.version}</h1>
<p>${prose(info.description)} The same for programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}
<h2 id="schemas">schemas</h2>
${schemas.join('\n')}
</html>
`;
}

function operationBlock({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const { operationId, summary, description, security = [], parameters = [], requestBody } = operation;
  const [scope] = security.flatMap(({ token = [] }) => token);
  const about = [
    description === undefined ? '' : `<p>${prose(description)}</p>`,
    `<p class="dim">${scope === undefined ? 'No token is needed.' : `Needs the scope <code>${scope}</code>.`}</p>`,
    parameters.length === 0 ? '' : `<p>Parameters</p><dl>${parameters.map(parameterLine).join('')}</dl>`,
    requestBody === undefined ? '' : `<p>Body</p>${contents(requestBody.content)}`,
    ...Object.entries(operation.responses).map(
      ([status, { description: told = '', content }]) =>
        `<p>${status === 'default' ? 'Refused' : status}: ${prose(told)}</p>${content === undefined ? '' : contents(content)}`,
    ),
  ];
  const head = `<b>${method.toUpperCase()}</b> <code>${escaped(path)}</code> <span>${prose(summary)}</span>`;
  return `<details id="${operationId}"><summary>${head}</summary>${about.join('\n')}</details>`;
}

const parameterLine = ({
  name,
  in: place,
  required,
  description,
  schema,
}: NonNullable<Operation['parameters']>[number]) =>
  `<dt><code>${escaped(name)}</code> <span class="dim">${place}, ${typeOf(schema)}${required ? ', required' : ''}</span></dt>` +
  `<dd>${prose(description ?? '')}</dd>`;

function contents(content: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) => `<p><code>${escaped(type)}</code> ${inner(schema)}</p>${fields(schema)}`)
    .join('');
}

/** The properties of an object, or of what a list holds, each with its own below it. */
function fields(schema: Schema): string {
  const { properties, required = [] } = schema.items ?? schema;
  if (properties === undefined) return '';
  const lines = Object.entries(properties).map(([name, property]) => {
    const optional = required.includes(name) ? '' : ', optional';
    const head = `<dt><code>${escaped(name)}</code> <span class="dim">${typeOf(property)}${optional}</span></dt>`;
    return `${head}<dd>${prose(property.description ?? '')}${fields(property)}</dd>`;
  });
  return `<dl>${lines.join('')}</dl>`;
}

const inner = (schema: Schema) =>
  schema.properties === undefined ? `${typeOf(schema)} ${prose(schema.description ?? '')}` : '';

function typeOf(schema: Schema): string {
  const { $ref, type, enum: values, format, items, minimum, maximum } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf('/') + 1);
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (values !== undefined) return values.map(value => escaped(JSON.stringify(value))).join(' | ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  const named = typeof type === 'string' ? type : (type ?? ['anything']).join(' or ');
  const bounds =
    minimum === undefined ? '' : ` from ${minimum}${maximum === undefined ? '' : ` to ${maximum}`}`;
  return `${named}${format === undefined ? '' : ` (${format})`}${bounds}`;
}

/** Text with its `code` marked. */
const prose = (text: string) => escaped(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
