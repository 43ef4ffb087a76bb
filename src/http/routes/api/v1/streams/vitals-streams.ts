/** How services are doing, told to the streams that want to know: measured and worded once for all of them. */
import type { Vitals, VitalsMeter } from '../../../../../actors/vitals.ts';
import type { EventStream } from '../../../../fronts/event-stream.ts';
import { timeView } from '../views/time.ts';

type Among = ReadonlySet<string> | null;

export class VitalsStreams {
  readonly #meter: VitalsMeter;
  #last: { readonly vitals: Vitals; readonly text: string } | null = null;

  constructor(meter: VitalsMeter) {
    this.#meter = meter;
  }

  /** @param among the only services of which it is told; null: all @returns ends it */
  add(stream: EventStream, among: Among): () => void {
    return this.#meter.follow(vitals => {
      stream.write({ event: 'vitals', data: this.#textFor(vitals, among) });
    });
  }

  #textFor(vitals: Vitals, among: Among): string {
    if (among !== null) return textOf(vitals, among);
    if (this.#last?.vitals !== vitals) this.#last = { vitals, text: textOf(vitals, null) };
    return this.#last.text;
  }
}

function textOf({ at, services }: Vitals, among: Among): string {
  const shown = among === null ? services : services.filter(({ id }) => among.has(id));
  return JSON.stringify({ at: timeView(at), services: shown });
}
