/** The life of a service that nothing goes wrong with, and the list of all stories. */

import { crashLoop, probes, shortLived } from './stories-of-failure.ts';
import { restartInCooldown, restartWhenReady } from './stories-of-restart.ts';
import type { Story } from './story.ts';
import {
  asked,
  coming,
  exited,
  IDLE_MS,
  idled,
  laneEnded,
  laneSpawned,
  permitted,
  removalAsked,
  spawned,
  succeeded,
  toolsListed,
  tornDown,
  up,
} from './story-events.ts';

const firstStart: Story = {
  title: 'Registered, started, ready',
  prose:
    'A service begins asleep. An explicit start puts it in line for a permit; with the permit the backend is spawned, and its ' +
    'process is on record before it is used. It is ready when the MCP handshake is done.',
  lives: [
    {
      type: 'Persistent',
      steps: [
        { after: 1, events: [asked], to: 'Pending.Queued' },
        { after: 1, events: [permitted], to: 'Pending.Starting' },
        { after: 1, events: [spawned(101)], to: 'Pending.Starting' },
        { after: 2, events: [succeeded], to: 'Ready.Healthy' },
      ],
    },
  ],
};

const lanes: Story = {
  title: 'Sessions with a backend of their own',
  prose:
    'A client that the backend may ask something (sampling, elicitation, roots) gets a lane of its own: one more backend ' +
    'of the service, introduced with what that client offers. Its process is on record before it is used, and forgotten when ' +
    'its session has ended. The state is that of the first lane: others come and go without changing it, and end with it.',
  lives: [
    {
      type: 'Persistent',
      steps: [
        up,
        { after: 10, events: [laneSpawned(1, 102)], to: 'Ready.Healthy' },
        { after: 20, events: [laneSpawned(2, 103)], to: 'Ready.Healthy' },
        { after: 60, events: [laneEnded(1, 'the session has ended')], to: 'Ready.Healthy' },
        { after: 60, events: [exited(1)], to: 'Unhealthy' },
        { after: 1, events: [tornDown], to: 'Pending.Queued' },
      ],
    },
  ],
};

const tools: Story = {
  title: 'Tools that did not come back',
  prose:
    'Once a service is ready its backend is asked for its tools; nobody waits for that. What a restart did not bring back is ' +
    'remembered until it comes back, or somebody starts the service explicitly; clients are told that the list has changed.',
  lives: [
    {
      type: 'Persistent',
      steps: [
        up,
        { after: 1, events: [toolsListed('kX3', 3)], to: 'Ready.Healthy' },
        { after: 600, events: [exited(1), tornDown, ...coming(102)], to: 'Ready.Healthy' },
        { after: 1, events: [toolsListed('pQ7', 2, ['search'])], to: 'Ready.Healthy' },
        { after: 600, events: [exited(1), tornDown, ...coming(103)], to: 'Ready.Healthy' },
        { after: 1, events: [toolsListed('kX3', 3)], to: 'Ready.Healthy' },
      ],
    },
  ],
};

const oneShot: Story = {
  title: 'A OneShot: idle, started again, and gone by itself',
  prose:
    'A OneShot that nobody uses ends; its processes go meanwhile. It starts again only when somebody asks, and when its ' +
    'backend is lost it ends as well, whatever the reason.',
  lives: [
    {
      type: 'OneShot',
      steps: [
        up,
        { after: IDLE_MS / 1000, events: [idled], to: 'Ended.Completed' },
        { after: 1, events: [tornDown], to: 'Ended.Completed' },
        { after: 600, events: [asked, ...coming(102)], to: 'Ready.Healthy' },
        { after: 60, events: [exited(0)], to: 'Unhealthy' },
        { after: 1, events: [tornDown], to: 'Ended.Completed' },
      ],
    },
  ],
};

const removal: Story = {
  title: 'Removal',
  prose:
    'A service that runs is torn down first: its id is free only when every process of its tree is gone.',
  lives: [
    {
      caption: 'While it is ready:',
      type: 'Persistent',
      steps: [
        up,
        { after: 60, events: [removalAsked], to: 'Unhealthy' },
        { after: 2, events: [tornDown], to: 'Removed' },
      ],
    },
    {
      caption: 'While it is asleep:',
      type: 'OneShot',
      steps: [{ after: 60, events: [removalAsked], to: 'Removed' }],
    },
  ],
};

/** The stories of `life-of-a-service.md`, in their order there. Each step names the state it leads to; the fold holds it to that. */
export const STORIES: readonly Story[] = [
  firstStart,
  lanes,
  tools,
  probes,
  shortLived,
  crashLoop,
  oneShot,
  restartWhenReady,
  restartInCooldown,
  removal,
];
