/** What happens to a service when the gateway restarts. */
import type { Story } from './story.ts';
import { asked, failing, restarted, up } from './story-events.ts';

export const restartWhenReady: Story = {
  title: 'The gateway restarts while a service is ready',
  prose:
    'What an earlier life of the gateway left running is killed before anything else; then the service is told. A Persistent ' +
    'starts again, in the background through the start gate, or, with `warmup` set to `lazy`, when somebody asks. A OneShot ' +
    'is over.',
  lives: [
    {
      caption: 'Persistent, `gated`:',
      type: 'Persistent',
      steps: [up, { after: 60, events: [restarted('gated')], to: 'Pending.Queued' }],
    },
    {
      caption: 'Persistent, `lazy`:',
      type: 'Persistent',
      steps: [up, { after: 60, events: [restarted('lazy')], to: 'Pending.Asleep' }],
    },
    {
      caption: 'OneShot:',
      type: 'OneShot',
      steps: [up, { after: 60, events: [restarted('gated')], to: 'Ended.Completed' }],
    },
  ],
};

export const restartInCooldown: Story = {
  title: 'The gateway restarts during a cooldown',
  prose:
    'A service that cools down has no backend, so it is told nothing: its record holds the due time, and the timer is set ' +
    'again for what is left of it.',
  lives: [
    {
      type: 'Persistent',
      steps: [
        { after: 1, events: [asked, ...failing], to: 'CoolingDown' },
        { after: 10, silence: 'the gateway restarts', to: 'CoolingDown' },
        { after: 'after cooldown', to: 'Pending.Queued' },
      ],
    },
  ],
};
