/** What clients hear when a backend came back with other tools: it cannot tell them itself. */
import { notificationText } from '../../backends/rpc/build.ts';
import type { RpcId } from '../../backends/rpc/json-rpc.ts';
import { SUBSCRIPTION_ID_KEY } from '../../backends/rpc/meta.ts';
import { TOOLS_CHANGED } from '../../backends/rpc/methods.ts';
import { isObject } from '../../backends/rpc/places.ts';
import type { SessionRegistry } from '../sessions/registry.ts';

const NEWS = notificationText(TOOLS_CHANGED);

/** Tells the initialized sessions of a service; where no stream is open or can be resumed, the client will ask anyway. */
export function tellSessions(sessions: SessionRegistry, serviceId: string): void {
  for (const session of sessions.of(serviceId)) {
    if (session.record.introduction !== null) session.deliver(NEWS);
  }
}

/** The same for the client of a `subscriptions/listen` with that id. */
export function subscribedText(id: RpcId): string {
  return notificationText(TOOLS_CHANGED, { _meta: { [SUBSCRIPTION_ID_KEY]: id } });
}

/** Whether the backend, in a message on the stream of a `subscriptions/listen`, agrees to tell of changed tools. */
export function agreesToTell(text: string): boolean {
  const { method, params }: { readonly method?: unknown; readonly params?: unknown } = JSON.parse(text);
  if (method !== 'notifications/subscriptions/acknowledged' || !isObject(params)) return false;
  return isObject(params.notifications) && params.notifications.toolsListChanged === true;
}
