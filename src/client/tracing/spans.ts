/** The spans of the SDK, without the types of OpenTelemetry, which an application need not have. */

/** What identifies a span, for lines of a log. */
export interface SpanIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** The sending of one message or a batch. */
export interface SendSpan {
  /** What goes with a message: the context that it is created in; by its index in a batch. `null`: it carries one of its own. */
  headersOf(index: number): Readonly<Record<string, string>> | null;
  /** Calls a function in the context of the span. */
  run<T>(call: () => T): T;
  /** Notes the id that the server gave to a message, or why it refused the message. */
  answered(index: number, id: string, error: unknown): void;
  /** Ends it, with an error if the sending failed. */
  end(error?: unknown): void;
}

/** One attempt of one task, while its handler runs. */
export interface ProcessSpan {
  readonly ids: SpanIds;
  /** Of a step of a workflow: what its worker reports, so that the steps that depend on it link to this one; empty: nothing. */
  readonly stepTraceparent: string;
  /** Calls a function in the context of the span: what is enqueued in it is part of its trace. */
  run<T>(call: () => T): T;
  /** Ends it, once. @param error what the handler threw or why the attempt was in vain; its type is `type` */
  end(outcome: string, failure?: { readonly type: string; readonly message: string; readonly thrown: unknown }): void;
  /** Begins the sending of its outcome; `null`: it is not recorded. */
  settle(outcome: string): SettleSpan | null;
}

/** The sending of an outcome, until the server has it on its disk. */
export interface SettleSpan {
  /** Ends it. @param failure why the outcome does not stand; `null`: it does */
  end(failure: string | null): void;
}
