/** What happens to a service whose backend fails. */
import type { Step, Story } from './story.ts';
import {
  answered,
  asked,
  coming,
  exited,
  failing,
  POLICY,
  seconds,
  silent,
  times,
  tornDown,
  up,
} from './story-events.ts';

export const probes: Story = {
  title: 'Probes that go unanswered',
  prose:
    'One unanswered probe makes a service suspect, and it still serves; an answer clears it. ' +
    `${POLICY.probeFailures} in a row, or one that leaves no doubt, and the backend is torn down. This one had outlasted its ` +
    'cooldown, so it is started again at once.',
  lives: [
    {
      type: 'Persistent',
      steps: [
        up,
        { after: 600, events: [silent], to: 'Ready.Suspect' },
        { after: 20, events: [answered], to: 'Ready.Healthy' },
        ...times<Step>(POLICY.probeFailures - 1, () => ({
          after: 20,
          events: [silent],
          to: 'Ready.Suspect',
        })),
        { after: 20, events: [silent], to: 'Unhealthy' },
        { after: 2, events: [tornDown], to: 'Pending.Queued' },
        { after: 1, events: coming(102), to: 'Ready.Healthy' },
      ],
    },
  ],
};

export const shortLived: Story = {
  title: 'A backend that does not last, and then does',
  prose:
    'A backend that is lost before it has outlasted its cooldown counts as a failure: the restart is owed, but not before ' +
    `\`dueAt\`, ${seconds(POLICY.cooldownMs)} later, then twice that. Chance may lengthen a cooldown by up to ` +
    `${POLICY.jitter * 100} %, so that services that failed together come back apart; in these tables it does not. After ${seconds(POLICY.stableAfterMs)} of Ready the ` +
    'failures are forgotten.',
  lives: [
    {
      type: 'Persistent',
      steps: [
        up,
        { after: 5, events: [exited(1)], to: 'Unhealthy' },
        { after: 1, events: [tornDown], to: 'CoolingDown' },
        { after: 'after cooldown', events: coming(102), to: 'Ready.Healthy' },
        { after: 5, events: [exited(1)], to: 'Unhealthy' },
        { after: 1, events: [tornDown], to: 'CoolingDown' },
        { after: 'after cooldown', events: coming(103), to: 'Ready.Healthy' },
        { after: 'after stable time', to: 'Ready.Healthy' },
      ],
    },
  ],
};

export const crashLoop: Story = {
  title: 'Starts that fail again and again',
  prose:
    `Every failed start doubles the cooldown, up to ${seconds(POLICY.cooldownMaxMs)} with what chance adds. After ` +
    `${POLICY.maxStartFailures} in a row ` +
    'a Persistent service is Ended and stays so until somebody starts it explicitly; then earlier failures no longer count. ' +
    'A OneShot gets one try.',
  lives: [
    {
      caption: 'Persistent:',
      type: 'Persistent',
      steps: [
        { after: 1, events: [asked, ...failing], to: 'CoolingDown' },
        ...times<Step>(POLICY.maxStartFailures - 2, () => ({
          after: 'after cooldown',
          events: failing,
          to: 'CoolingDown',
        })),
        { after: 'after cooldown', events: failing, to: 'Ended.Failed' },
        { after: 3600, events: [asked], to: 'Pending.Queued' },
      ],
    },
    {
      caption: 'OneShot:',
      type: 'OneShot',
      steps: [{ after: 1, events: [asked, ...failing], to: 'Ended.Failed' }],
    },
  ],
};
