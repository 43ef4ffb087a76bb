/** Metrics as text, in the format that Prometheus scrapes (version 0.0.4). */
import type { Histogram } from './histogram.ts';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

const NONE: Labels = {};

/** One page, written family by family. Each name once, without `evergate_`, which all of them begin with. */
export class MetricsPage {
  readonly #lines: string[] = [];

  /** What only grows. @param name ends in `_total` */
  counter(name: string, help: string, samples: number | Iterable<Sample>): void {
    this.#family('counter', name, help, samples);
  }

  gauge(name: string, help: string, samples: number | Iterable<Sample>): void {
    this.#family('gauge', name, help, samples);
  }

  /** @param name ends in `_seconds` */
  histogram(name: string, help: string, series: Iterable<readonly [Labels, Histogram]>): void {
    this.#head('histogram', name, help);
    for (const [labels, histogram] of series) this.#buckets(name, labels, histogram);
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #family(type: string, name: string, help: string, samples: number | Iterable<Sample>): void {
    this.#head(type, name, help);
    if (typeof samples === 'number') this.#sample(name, NONE, samples);
    else for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  #head(type: string, name: string, help: string): void {
    this.#lines.push(
      `# HELP evergate_${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE evergate_${name} ${type}`,
    );
  }

  #buckets(name: string, labels: Labels, { boundsMs, counts, sumMs }: Histogram): void {
    let total = 0;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      total += counts[bucket] ?? 0;
      const bound = boundsMs[bucket];
      const le = bound === undefined ? '+Inf' : String(bound / 1000);
      this.#sample(`${name}_bucket`, { ...labels, le }, total);
    }
    this.#sample(`${name}_sum`, labels, sumMs / 1000);
    this.#sample(`${name}_count`, labels, total);
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.#lines.push(`evergate_${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
