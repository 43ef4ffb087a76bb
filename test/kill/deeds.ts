/** What clients do, as a sequence that a seed decides. */
import fc from 'fast-check';
import type { ServiceType } from '../../src/actors/services.ts';
import { KINDS, type Kind } from './kinds.ts';

/** `own`: which of the client's own services; `any`: which of all services. */
export type Deed =
  | { readonly do: 'ensure' | 'order'; readonly own: number; readonly kind: Kind; readonly type: ServiceType }
  | { readonly do: 'add'; readonly kind: Kind; readonly type: ServiceType }
  | { readonly do: 'remove' | 'stop' | 'restart'; readonly own: number }
  | { readonly do: 'open'; readonly any: number; readonly apart: boolean }
  | { readonly do: 'call'; readonly which: number; readonly ms: number }
  | { readonly do: 'crash'; readonly which: number }
  | { readonly do: 'close'; readonly which: number }
  | { readonly do: 'sse call' | 'modern call'; readonly any: number };

const own = fc.nat(1);
const any = fc.nat(100);
const which = fc.nat(100);
const type = fc.constantFrom<ServiceType>('Persistent', 'Persistent', 'OneShot');
/** Those that take long to end are few. */
const kind: fc.Arbitrary<Kind> = fc.oneof(
  { weight: 20, arbitrary: fc.constant('steady') },
  { weight: 4, arbitrary: fc.constant('fails') },
  { weight: 4, arbitrary: fc.constant('idle') },
  { weight: 1, arbitrary: fc.constantFrom(...KINDS) },
) as fc.Arbitrary<Kind>;

const register = (among: fc.Arbitrary<Kind>) =>
  fc.record({ do: fc.constantFrom('ensure' as const, 'order' as const), own, kind: among, type });
const remove = fc.record({ do: fc.constant('remove' as const), own });
const operate = fc.record({ do: fc.constantFrom('stop' as const, 'restart' as const), own });
const open = (apart: fc.Arbitrary<boolean>) => fc.record({ do: fc.constant('open' as const), any, apart });
const crash = fc.record({ do: fc.constant('crash' as const), which });
const close = fc.record({ do: fc.constant('close' as const), which });
const call = fc.record({ do: fc.constant('call' as const), which, ms: fc.constantFrom(0, 0, 0, 10, 120) });
const oneOff = fc.record({ do: fc.constantFrom('sse call' as const, 'modern call' as const), any });

const USUAL: readonly fc.WeightedArbitrary<Deed>[] = [
  { weight: 5, arbitrary: register(kind) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), kind, type }) },
  { weight: 1, arbitrary: remove },
  { weight: 1, arbitrary: operate },
  { weight: 3, arbitrary: open(fc.constantFrom(true, false, false)) },
  { weight: 8, arbitrary: call },
  { weight: 1, arbitrary: crash },
  { weight: 1, arbitrary: close },
  { weight: 2, arbitrary: oneOff },
];

/** What brings a point about that is rare otherwise. */
const FOCUS: readonly (readonly [RegExp, fc.Arbitrary<Deed>])[] = [
  [/^signal/, fc.oneof(register(fc.constantFrom('stubborn', 'family')), remove)],
  [/^(start failed|cooldown over)/, register(fc.constant('fails'))],
  [/^idled out/, register(fc.constant('idle'))],
  [/^(backend lost|teardown)/, fc.oneof(crash, register(fc.constant('steady')))],
  [/^removal/, remove],
  [/^(stop|restart) requested/, operate],
  [/^lane/, fc.oneof(open(fc.constant(true)), close)],
];

/** The first `count` deeds of the client that a seed makes, with more of what leads to a point if one is named. */
export function deedsOf(seed: number, count: number, point: string | null): Deed[] {
  const focus = FOCUS.find(([points]) => point !== null && points.test(point));
  const extra = focus === undefined ? [] : [{ weight: 12, arbitrary: focus[1] }];
  const deed = fc.oneof(...USUAL, ...extra);
  return fc.sample(fc.array(deed, { minLength: count, maxLength: count }), { seed, numRuns: 1 })[0] ?? [];
}
