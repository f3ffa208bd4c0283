/** The failed tasks of one queue and type that failed with one type of error. */
export interface FailureGroup {
  readonly queue: string;
  readonly type: string;
  /** Empty: the error has none. */
  readonly errorType: string;
  /** At least 1. */
  readonly count: number;
  /** When the first and the last of them failed, since there was none: which of these are still there is not known. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** One of them; `null`: none was found near. */
  readonly sampleId: string | null;
  /** The message of its error; `null`: there is no sample, or it has no message. */
  readonly sampleMessage: string | null;
}
