/** Methods that more than one room goes by. */

/** The request that lasts as long as its client likes (2026-07-28, "Subscriptions"): it is no call and has no outcome. */
export const LISTEN = 'subscriptions/listen';
/** A server's news that its tools are others now. */
export const TOOLS_CHANGED = 'notifications/tools/list_changed';
