import { describe, expect, it } from 'vitest';
import { createActor, type EventObject, fromCallback, SimulatedClock } from 'xstate';
import { type Journal, journaled, stepEvent, type Transition } from '../../../src/actors/journal.ts';
import { serviceMachine } from '../../../src/actors/machine/index.ts';
import type { ServiceCommand } from '../../../src/actors/machine/model.ts';
import type { EffectInput } from '../../../src/actors/machine/setup.ts';
import { policy } from '../../support/machine-fixtures.ts';

/** An actor whose effects only leave a trace, and whose journal fails when told to. */
function given() {
  const clock = new SimulatedClock();
  const trace: string[] = [];
  const committed: Transition[] = [];
  const disk = { full: false, busy: false };
  const effect = (name: string) =>
    fromCallback<EventObject, EffectInput>(() => {
      trace.push(`begin ${name}`);
      return () => trace.push(`end ${name}`);
    });
  const journal: Journal = {
    defers: () => disk.busy,
    commit: transition => {
      if (disk.full) throw new Error('no space left');
      trace.push(`record ${transition.event.type}`);
      return committed.push(transition);
    },
    committed: ({ event }) => trace.push(`told ${event.type}`),
    failed: (_id, event) => trace.push(`failed ${event.type}`),
  };
  const logic = serviceMachine.provide({
    actors: {
      'start permit': effect('permit'),
      'backend start': effect('start'),
      'backend watch': effect('watch'),
      'tool watch': effect('tools'),
      'backend teardown': effect('teardown'),
    },
    actions: {
      'confirm spawn': () => trace.push('confirm spawn'),
      'release backend': () => trace.push('release backend'),
    },
  });
  const actor = createActor(journaled(logic, journal, { clock, chance: () => 0.25 }), {
    id: 'tools',
    clock,
    input: { type: 'Persistent', config: 'config-1', policy, at: 0 },
  });
  actor.start();
  const send = (command: ServiceCommand) => {
    trace.length = 0;
    actor.send(command as never);
    return [...trace];
  };
  return { actor, clock, committed, disk, send, trace };
}

const start = { type: 'start requested', by: 'api' } as const;
const permitted = { type: 'start permitted', generation: 0 } as const;
const spawned = { type: 'spawned', generation: 1, process: { pid: 7, pgid: 7, startTicks: 70 } } as const;
const succeeded = { type: 'start succeeded', generation: 1, server: 'fake 1' } as const;
const failed = { type: 'start failed', generation: 1, reason: 'command not found' } as const;

describe('the journal (invariant 7)', () => {
  it('runs every effect after its record, and none before', () => {
    const { send } = given();
    expect(send(start)).toEqual(['record start requested', 'told start requested', 'begin permit']);
    expect(send(permitted)).toEqual([
      'record start permitted',
      'told start permitted',
      'end permit',
      'begin start',
    ]);
    expect(send(spawned)).toEqual(['record spawned', 'told spawned', 'confirm spawn']);
    expect(send(succeeded)).toEqual([
      'record start succeeded',
      'told start succeeded',
      'end start',
      'begin watch',
      'begin tools',
    ]);
    expect(send({ type: 'stop requested' })).toEqual([
      'record stop requested',
      'told stop requested',
      'release backend',
      'end watch',
      'end tools',
    ]);
  });

  it('writes nothing for an event that changes nothing', () => {
    const { send } = given();
    send(start);
    expect(send(start)).toEqual([]);
    expect(send({ type: 'probe answered', generation: 9 })).toEqual([]);
  });

  it('stamps each record with the time, whatever the event says, and keeps documents out of it', () => {
    const { clock, committed, actor } = given();
    clock.increment(1234);
    const documents = { config: { command: 'server' } };
    actor.send({ ...start, at: 5, documents } as never);
    expect(committed[0]?.event).toEqual({ ...start, at: 1234 });
    expect(committed[0]?.documents).toEqual(documents);
    expect(committed[0]?.to.context.since).toBe(1234);
  });

  it('stamps what may owe a restart with a chance, whatever the event says, and nothing else', () => {
    const { committed, send } = given();
    const generation = 2;
    const silent = { type: 'probe failed', generation, reason: 'no answer', decisive: false } as const;
    const lost = {
      type: 'backend lost',
      generation,
      reason: 'it exited',
      exitCode: 1,
      signal: null,
    } as const;
    for (const event of [
      start,
      permitted,
      { ...failed, chance: 0.9 },
      { type: 'restart requested' } as const,
    ])
      send(event);
    for (const event of [{ ...permitted, generation: 1 }, { ...succeeded, generation }, silent, lost])
      send(event);
    const chances = committed.map(({ event }) => [event.type, event.chance]).filter(([, chance]) => chance);
    expect(chances).toEqual([
      ['start failed', 0.25],
      ['probe failed', 0.25],
      ['backend lost', 0.25],
    ]);
  });

  it('an event that has to wait changes nothing and writes nothing', () => {
    const { actor, disk, send } = given();
    const before = actor.getSnapshot();
    disk.busy = true;
    expect([send(start), actor.getSnapshot() === before]).toEqual([[], true]);
  });

  it('what is on record already happens without being written again, whatever else has to wait', () => {
    const { actor, committed, disk, trace } = given();
    disk.busy = true;
    const event = { ...start, at: 77 } as unknown as Transition['event'];
    const step = { event, documents: undefined, isRecorded: true };
    actor.send(stepEvent(step, 5, () => trace.push('taken')) as never);
    expect(trace).toEqual(['taken', 'told start requested', 'begin permit']);
    expect([committed, actor.getSnapshot().context.since]).toEqual([[], 77]);
  });

  it('a transition that cannot be written does not happen: the state is as before, no effect runs', () => {
    const { actor, disk, send } = given();
    send(start);
    const before = actor.getSnapshot();
    disk.full = true;
    expect(send(permitted)).toEqual(['failed start permitted']);
    expect(actor.getSnapshot()).toBe(before);
    disk.full = false;
    expect(send(permitted)).toContain('begin start');
  });

  it('a timer that cannot be written goes off again when its event is told again', () => {
    const { actor, clock, disk, send, trace } = given();
    for (const event of [start, permitted, failed]) send(event);
    disk.full = true;
    trace.length = 0;
    clock.increment(1000);
    expect([actor.getSnapshot().value, trace]).toEqual([
      'CoolingDown',
      ['failed xstate.after.cooldown.service.CoolingDown'],
    ]);
    disk.full = false;
    actor.send({ type: 'xstate.after.cooldown.service.CoolingDown' } as never);
    expect(actor.getSnapshot().value).toEqual({ Pending: 'Queued' });
  });

  it('a timer of a state that could not be entered is not armed, and that of the one left stays', () => {
    const { actor, clock, disk, send } = given();
    for (const event of [start, permitted]) send(event);
    disk.full = true;
    send(failed);
    clock.increment(100_000);
    expect(actor.getSnapshot().value).toEqual({ Pending: 'Starting' });
    disk.full = false;
    send(failed);
    disk.full = true;
    send({ type: 'restart requested' });
    disk.full = false;
    clock.increment(1000);
    expect(actor.getSnapshot().value).toEqual({ Pending: 'Queued' });
  });

  it('the actor’s own end is not an event in the log', () => {
    const { actor, send, trace, committed } = given();
    send(start);
    const records = committed.length;
    trace.length = 0;
    actor.stop();
    expect([trace, committed.length]).toEqual([['end permit'], records]);
  });
});
