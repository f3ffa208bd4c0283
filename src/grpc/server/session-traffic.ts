/** What the calls of one connection have received and sent. */
export interface SessionTraffic {
  /** Bytes of messages that are waited for. */
  arrivedBytes: number;
  /** Calls whose messages are waited for and not held back. */
  arriving: number;
  /** Messages and statuses. */
  sentMessages: number;
}

const known = new WeakMap<object, SessionTraffic>();

/** The traffic of a connection. @param session HTTP/2's */
export function trafficOn(session: object): SessionTraffic {
  const found = known.get(session);
  if (found !== undefined) return found;
  const fresh = { arrivedBytes: 0, arriving: 0, sentMessages: 0 };
  known.set(session, fresh);
  return fresh;
}
