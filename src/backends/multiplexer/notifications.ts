/** Who hears of what a backend tells unasked: whom it belongs to, everybody, or nobody (invariant 8). */
import { notificationText } from '../rpc/build.ts';
import type { RpcNotification } from '../rpc/json-rpc.ts';
import { TOOLS_CHANGED } from '../rpc/methods.ts';
import { type LocatedText, valueAt } from '../rpc/places.ts';
import type { LaneParts } from './lane-parts.ts';
import type { ToolChanges } from './tool-changes.ts';

/** These say nothing about any session, so every session may have them. */
const LIST_CHANGED: ReadonlySet<string> = new Set([
  TOOLS_CHANGED,
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);

export class Notifications {
  readonly #lane: LaneParts;
  readonly #tools: ToolChanges;

  /** @param tools hears that the backend's list of tools has changed */
  constructor(lane: LaneParts, tools: ToolChanges) {
    this.#lane = lane;
    this.#tools = tools;
  }

  receive(message: RpcNotification, located: LocatedText): void {
    const { calls, subscriptions, serverRequests, modern } = this.#lane;
    if (modern !== null) modern.notified(message, located);
    else if (message.method === 'notifications/progress') calls.answers.progress(located);
    else if (message.method === 'notifications/cancelled') serverRequests.cancelled(located);
    else if (message.method === 'notifications/resources/updated') subscriptions.updated(located);
    else if (LIST_CHANGED.has(message.method)) this.#toAll(message.method);
    else this.#toOnly(message, located);
  }

  #toAll(method: string): void {
    const { peers } = this.#lane;
    if (method === TOOLS_CHANGED) this.#tools.changed(true);
    // Written anew: params of the backend's could hold what belongs to one session.
    const text = notificationText(method);
    for (const peer of peers.attached.toArray()) peers.deliverOutside(peer, text);
  }

  /** What names no call, token or URI (`notifications/message`, unknown ones). */
  #toOnly(message: RpcNotification, located: LocatedText): void {
    const { peers, logLevels, counters } = this.#lane;
    const peer = peers.only(null);
    if (peer === null) counters.dropped.noOwner++;
    else if (message.method !== 'notifications/message') peers.deliver(peer, located.text);
    else if (logLevels.admits(peer, valueAt(located.text, located.level))) peers.deliver(peer, located.text);
    else counters.dropped.belowLevel++;
  }
}
