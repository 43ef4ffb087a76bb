/** Reads a page of metrics as a scraper would: what it does not understand is a failure. */

export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricsReading {
  readonly samples: readonly Metric[];
  /** The type of each family, by name. */
  readonly types: ReadonlyMap<string, string>;
  /** The sum of all samples of that name whose labels include those given; fails when there is none. */
  value(name: string, labels?: Record<string, string>): number;
}

const SAMPLE = /^([a-z_]+)(?:\{(.*)\})? (-?[\d.e+-]+|NaN|\+Inf)$/;
const LABEL = /([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

export function readMetrics(text: string): MetricsReading {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended');
  const types = new Map<string, string>();
  const samples: Metric[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const [, family, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (family !== undefined && type !== undefined) {
      if (types.has(family)) throw new Error(`${family} is there twice`);
      types.set(family, type);
    } else if (!line.startsWith('# HELP ')) samples.push(readSample(line));
  }
  return { samples, types, value: (name, labels = {}) => sum(samples, name, labels) };
}

function readSample(line: string): Metric {
  const [, name, labelText = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  let at = 0;
  while (at < labelText.length) {
    LABEL.lastIndex = at;
    const [whole = '', label = '', text = ''] = LABEL.exec(labelText) ?? [];
    if (whole === '') throw new Error(`not labels: ${labelText.slice(at)}`);
    labels[label] = text.replaceAll(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
    at += whole.length;
  }
  return { name, labels, value: Number(value) };
}

function sum(samples: readonly Metric[], name: string, wanted: Record<string, string>): number {
  const found = samples.filter(
    each =>
      each.name === name && Object.entries(wanted).every(([label, text]) => each.labels[label] === text),
  );
  if (found.length === 0) throw new Error(`there is no ${name} ${JSON.stringify(wanted)}`);
  return found.reduce((total, { value }) => total + value, 0);
}

export async function scrape(url: string): Promise<MetricsReading> {
  const response = await fetch(`${url}/metrics`);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return readMetrics(await response.text());
}
