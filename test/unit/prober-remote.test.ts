import { expect, it } from 'vitest';
import { launchRig } from '../support/launch.ts';

it('a probe that a remote refuses fails with the refusal, and a list is asked for in place of ping', async () => {
  const rig = launchRig();
  const lane = await rig.launch();
  const events = await rig.connected;
  const refuse = ({ id }: { id?: string | number }) => {
    queueMicrotask(() =>
      events.onFailed?.(id ?? null, { kind: 'refused', reason: 'HTTP 401', delivered: false }),
    );
    return null;
  };
  rig.answers.ping = refuse;
  rig.answers['tools/list'] = refuse;
  await expect(lane.probe(1_000)).rejects.toThrow('HTTP 401');
  rig.answers['tools/list'] = () => ({ result: { tools: [] } });
  await expect(lane.probe(1_000)).resolves.toBe(undefined);
});
