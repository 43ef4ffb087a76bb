import { describe, expect, it } from 'vitest';
import { eventLabel } from '../../../src/drawing/labels.ts';

describe('the label of an event', () => {
  it.each([
    ['start requested', 'start requested'],
    ['xstate.after.cooldown.service.CoolingDown', 'after cooldown'],
    ['xstate.after.stable time.service.Ready', 'after stable time'],
    ['xstate.after.1500.service.Ready', 'after 1500 ms'],
    ['', 'always'],
  ])('%j is %j', (type, label) => {
    expect(eventLabel(type)).toBe(label);
  });
});
