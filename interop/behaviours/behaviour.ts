import type { Trial } from "../trial/trial.ts";

/** Something that clients of gRPC do by what sitq sends them. */
export interface Behaviour {
  readonly id: string;
  /** What the client does, for the table. */
  readonly sentence: string;
  /** Tries it. @throws Miss if the client does not do it */
  run(trial: Trial): Promise<void>;
}
