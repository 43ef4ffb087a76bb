/** What a lane refused or dropped, for the metrics. */
export interface Drops {
  /** Lines of the backend that are no JSON-RPC message. */
  readonly notJsonRpc: number;
  /** Responses of the backend to nothing that is under way: late, repeated, or made up. */
  readonly unknownId: number;
  /** Progress for no call under way, or for one that asked for none. */
  readonly unknownToken: number;
  /** Cancellations of what the canceller has not under way. */
  readonly unknownCancel: number;
  /** Answers or progress of a client for a request that it was not asked, or no longer. */
  readonly unknownServerRequest: number;
  /** Messages of the backend that exactly one session should get, but that no session or several could be meant by. */
  readonly noOwner: number;
  /** Messages for one session that did not listen. */
  readonly notDelivered: number;
  /** `notifications/resources/updated` for a URI without subscribers. */
  readonly notSubscribed: number;
  /** Log messages below the level that the session set. */
  readonly belowLevel: number;
  /** Messages to the backend, other than requests, that could not be written. */
  readonly notSent: number;
  /** Notifications of clients that are no `notifications/…`. */
  readonly strayNotification: number;
  /** Messages of the backend beyond the size bound that belong to no call under way. */
  readonly oversized: number;
}

export interface Counters {
  readonly dropped: Drops;
  /** Requests of the backend that were answered with an error instead of being delivered. */
  readonly refusedServerRequests: number;
  /** Calls that hit their deadline. */
  readonly timeouts: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The counters as their owner writes them. */
export interface CounterBook extends Mutable<Omit<Counters, 'dropped'>> {
  readonly dropped: Mutable<Drops>;
}

export function createCounters(): CounterBook {
  return {
    dropped: {
      notJsonRpc: 0,
      unknownId: 0,
      unknownToken: 0,
      unknownCancel: 0,
      unknownServerRequest: 0,
      noOwner: 0,
      notDelivered: 0,
      notSubscribed: 0,
      belowLevel: 0,
      notSent: 0,
      strayNotification: 0,
      oversized: 0,
    },
    refusedServerRequests: 0,
    timeouts: 0,
  };
}
