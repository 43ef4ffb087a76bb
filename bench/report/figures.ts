/** Everything that was measured, by what, of whom, and which figure; several measurements of the same make a median. */
import { median } from '../machine/statistics.ts';

/** By what was measured, of whom, and which figure. */
type Stored = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

export class Figures {
  readonly #samples = new Map<string, Map<string, Map<string, number[]>>>();

  add(what: string, target: string, figures: Readonly<Record<string, number>>): void {
    const targets = this.#samples.get(what) ?? new Map<string, Map<string, number[]>>();
    const samples = targets.get(target) ?? new Map<string, number[]>();
    this.#samples.set(what, targets.set(target, samples));
    for (const [name, value] of Object.entries(figures))
      samples.set(name, [...(samples.get(name) ?? []), value]);
  }

  /** The median; null when it was not measured. */
  get(what: string, target: string, name: string): number | null {
    const samples = this.#samples.get(what)?.get(target)?.get(name);
    return samples === undefined ? null : median(samples);
  }

  /** By how much one target's figure is another's; null when one of them was not measured. */
  ratio(what: string, name: string, target: string, to: string): number | null {
    const [mine, theirs] = [this.get(what, target, name), this.get(what, to, name)];
    return mine === null || theirs === null ? null : mine / theirs;
  }

  has(what: string): boolean {
    return this.#samples.has(what);
  }

  /** Those that were measured, in the order of their first measurement. */
  targets(what: string): readonly string[] {
    return [...(this.#samples.get(what)?.keys() ?? [])];
  }

  /** Takes over from earlier runs what was not measured in this one. */
  complete(earlier: Stored): void {
    for (const [what, targets] of Object.entries(earlier)) {
      if (this.has(what)) continue;
      for (const [target, figures] of Object.entries(targets)) this.add(what, target, figures);
    }
  }

  /** The medians, to five digits. */
  toJSON(): Stored {
    const round = (samples: readonly number[]) => Number(median(samples).toPrecision(5));
    const figuresOf = (samples: ReadonlyMap<string, number[]>) =>
      Object.fromEntries([...samples].map(([name, values]) => [name, round(values)]));
    const targetsOf = (targets: ReadonlyMap<string, Map<string, number[]>>) =>
      Object.fromEntries([...targets].map(([target, samples]) => [target, figuresOf(samples)]));
    return Object.fromEntries([...this.#samples].map(([what, targets]) => [what, targetsOf(targets)]));
  }
}
