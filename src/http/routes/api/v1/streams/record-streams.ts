/** Live streams of records: one reader each, fed from one feed for all. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FeedReader, RecordFeed } from '../../../../../actors/record-feed.ts';
import type { VitalsMeter } from '../../../../../actors/vitals.ts';
import type { Clock } from '../../../../../backends/clock.ts';
import type { LogRecord } from '../../../../../store/event-log.ts';
import { endWithToken } from '../../../../auth/expiries.ts';
import { EventStream } from '../../../../fronts/event-stream.ts';
import { Pulse } from '../../../../fronts/pulse.ts';
import type { FrontSettings } from '../../../../fronts/settings.ts';
import { type Language, languageOf } from '../../../../locales/translate.ts';
import type { ServerEvent } from '../../../../sessions/resumable-stream.ts';
import { recordView } from '../views/record-view.ts';
import { VitalsStreams } from './vitals-streams.ts';

export interface StreamOptions {
  /** Behind which record to begin; null: with the present. */
  readonly after: number | null;
  /** The only services of which it tells; null: all. */
  readonly among: ReadonlySet<string> | null;
  /** Whether it tells how services are doing, too. */
  readonly vitals: boolean;
}

export interface StreamPorts {
  readonly feed: RecordFeed;
  readonly vitals: VitalsMeter;
  readonly clock: Clock;
  readonly streams: StreamSettings;
}

export type StreamSettings = Pick<
  FrontSettings,
  'keepAliveMs' | 'maxBufferedBytes' | 'stallMs' | 'streamRetryMs'
>;

export class RecordStreams {
  readonly #feed: RecordFeed;
  readonly #clock: Clock;
  readonly #settings: StreamSettings;
  readonly #pulse: Pulse;
  readonly #open = new Set<EventStream>();
  readonly #vitals: VitalsStreams;
  /** Records as text, by language, as long as the feed holds them: most readers are told the same. */
  readonly #texts = new WeakMap<LogRecord, Map<Language, string>>();

  constructor({ feed, vitals, clock, streams: settings }: StreamPorts) {
    this.#vitals = new VitalsStreams(vitals);
    this.#feed = feed;
    this.#clock = clock;
    this.#settings = settings;
    this.#pulse = new Pulse(clock, settings.keepAliveMs);
  }

  /** Makes the reply a stream of records, until one side closes it. */
  open(request: FastifyRequest, reply: FastifyReply, { after, among, vitals }: StreamOptions): void {
    const language = languageOf(request);
    const stream = new EventStream(reply, this.#pulse, this.#settings);
    let events: ServerEvent[] = [];
    const reader: FeedReader = {
      record: record => {
        if (among !== null && !among.has(record.id)) return;
        events.push({ event: 'record', id: String(record.seq), data: this.#textOf(record, language) });
      },
      gap: (from, to) => void events.push({ event: 'gap', data: JSON.stringify({ from, to }) }),
      flush: () => {
        if (events.length > 0) stream.writeAll(events);
        events = [];
      },
      ready: () => this.#drained(stream),
      failed: () => stream.end(),
    };
    this.#open.add(stream);
    endWithToken(request, () => stream.end());
    stream.retry(this.#settings.streamRetryMs);
    const leaves = [this.#feed.follow(reader, after)];
    if (vitals) leaves.push(this.#vitals.add(stream, among));
    stream.onClosed(() => {
      for (const leave of leaves) leave();
      this.#open.delete(stream);
    });
  }

  /** Ends all streams: their readers come back with the id of the last record they have. */
  end(): void {
    for (const stream of [...this.#open]) stream.end();
    this.#pulse.stop();
  }

  async #drained(stream: EventStream): Promise<void> {
    const stalled = this.#clock.setTimeout(() => stream.abandon(), this.#settings.stallMs);
    await stream.drained();
    this.#clock.clearTimeout(stalled);
  }

  #textOf(record: LogRecord, language: Language): string {
    const known = this.#texts.get(record) ?? new Map<Language, string>();
    this.#texts.set(record, known);
    const text = known.get(language) ?? JSON.stringify(recordView(record, language));
    known.set(language, text);
    return text;
  }
}
