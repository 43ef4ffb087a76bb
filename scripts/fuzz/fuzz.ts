/** Sends planned requests at a gateway, a batch at a time, and looks at every answer. */
import fc from 'fast-check';
import { atRest, removeServices, settled, unrest } from './clean.ts';
import { openFuzzedGateway } from './gateway.ts';
import { outcomeOf } from './outcome.ts';
import { type Plan, planFor } from './requests.ts';
import { Sender } from './send.ts';
import { stock } from './stock.ts';
import { faultOf } from './verdict.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** Requests under way at a time. */
  readonly concurrency: number;
  /** Told now and then how many are done. */
  readonly progress: (done: number) => void;
}

type Counts = Readonly<Record<string, number>>;

/** What comes of the requests, while they are sent. */
interface Tally {
  readonly statuses: Record<string, number>;
  readonly outcomes: Record<string, number>;
  readonly faults: string[];
}

export interface FuzzReport {
  readonly routes: number;
  /** Answers by status; `hung up` for those that nobody waited for. */
  readonly statuses: Counts;
  /** Requests by how far they got. */
  readonly outcomes: Counts;
  /** What is wrong; empty: nothing. */
  readonly faults: readonly string[];
}

const BATCH = 250;
const MAX_FAULTS = 20;
/** Part of the requests that must have got a result of a backend: else it was a fuzz of the door. */
const LEAST_RESULTS = 0.1;

/** The request with that number is the same for the same seed; what is answered depends on what else is under way. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const faults: string[] = [];
  const onUnexpected = (error: unknown) => faults.push(`unexpected in the process: ${String(error)}`);
  process.on('uncaughtException', onUnexpected).on('unhandledRejection', onUnexpected);
  const gateway = await openFuzzedGateway();
  const plans = planFor(gateway.routes.list);
  const tally: Tally = { statuses: {}, outcomes: {}, faults };
  try {
    // Whatever is made once and kept is there after a first, small round.
    await round(
      gateway.url,
      plans,
      { ...options, requests: Math.min(BATCH, options.requests), progress: () => {} },
      { statuses: {}, outcomes: {}, faults },
    );
    await removeServices(gateway.url);
    const before = await atRest();
    await round(gateway.url, plans, options, tally);
    await removeServices(gateway.url);
    const left = await settled(before);
    faults.push(...left.map(what => `left behind: ${what}`), ...(await unrest(gateway.url)));
    faults.push(...gateway.errors.map(line => `logged: ${line}`));
    if (resultsIn(tally) < options.requests * LEAST_RESULTS)
      faults.push(`only ${resultsIn(tally)} requests got a result of a backend`);
  } finally {
    await gateway.close();
    process.off('uncaughtException', onUnexpected).off('unhandledRejection', onUnexpected);
  }
  return { routes: gateway.routes.list.length, ...tally };
}

async function round(
  url: string,
  plans: fc.Arbitrary<Plan>,
  { seed, requests, concurrency, progress }: FuzzOptions,
  tally: Tally,
): Promise<void> {
  const { faults, outcomes } = tally;
  const sender = new Sender(url);
  for (let from = 0; from < requests && faults.length < MAX_FAULTS; from += BATCH) {
    await stock(sender);
    const batch = fc.sample(plans, { seed: seed + from, numRuns: Math.min(BATCH, requests - from) });
    let next = 0;
    const worker = async () => {
      for (let plan = batch[next++]; plan !== undefined; plan = batch[next++]) {
        const fault = await attempt(sender, plan, tally);
        if (fault !== null) faults.push(`${describe(plan)}\n    ${fault}`);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    progress(Math.min(from + BATCH, requests));
  }
  sender.close();
  outcomes['result on a stream'] = sender.laterResults;
}

const resultsIn = ({ outcomes }: Tally) =>
  (outcomes['result of a backend'] ?? 0) + (outcomes['result on a stream'] ?? 0);

async function attempt(sender: Sender, plan: Plan, { statuses, outcomes }: Tally): Promise<string | null> {
  try {
    const answer = await sender.send(plan);
    const status = answer === null ? 'hung up' : String(answer.status);
    const outcome = outcomeOf(plan, answer);
    statuses[status] = (statuses[status] ?? 0) + 1;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return answer === null ? null : faultOf(plan, answer);
  } catch (error) {
    return String(error);
  }
}

function describe({ method, path, headers, body }: Plan): string {
  const text = body === null ? '' : ` ${JSON.stringify(body.toString('latin1').slice(0, 500))}`;
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)}${text}`;
}
