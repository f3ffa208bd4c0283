/** One entry of the audit log, as it is written. It holds no payloads, no texts of errors and no secrets. */
export interface AuditEntry {
  /** When it happened; of several refusals, when the last one did. */
  readonly timeMs: number;
  /** The name of the principal; empty: the caller was not signed in. */
  readonly principal: string;
  /** What proved it: `token 4f9a…`, `certificate spiffe://…`, `jwt`; empty: nothing valid. */
  readonly credential: string;
  /** The address of the peer. */
  readonly peer: string;
  /** The method's path. */
  readonly method: string;
  /** On what: `queue mail`; empty: nothing that has a name. */
  readonly resource: string;
  /** The canonical code of the outcome, as text. */
  readonly code: string;
  /** The reason of a refusal; empty: none. */
  readonly reason: string;
  /** How many refusals of the same kind it stands for; of a batch or stream, how many items it stored, or 1 if none. */
  readonly count: number;
}

/** An entry that is stored. */
export interface StoredAuditEntry extends AuditEntry {
  /** Later ones have greater ones. */
  readonly id: number;
}
