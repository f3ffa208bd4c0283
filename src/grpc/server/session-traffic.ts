/** What the calls of one connection have received and sent. */
export interface SessionTraffic {
  /** Bytes of first messages. */
  arrivedBytes: number;
  /** Messages and statuses. */
  sentMessages: number;
}

const known = new WeakMap<object, SessionTraffic>();

/** The traffic of a connection. @param session HTTP/2's */
export function trafficOn(session: object): SessionTraffic {
  const found = known.get(session);
  if (found !== undefined) return found;
  const fresh = { arrivedBytes: 0, sentMessages: 0 };
  known.set(session, fresh);
  return fresh;
}
