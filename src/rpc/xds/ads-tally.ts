import type { ResourceType } from "./resources.ts";

type Counts = Readonly<Record<ResourceType, number>>;

/** What is counted of the clients of xDS since the server's start. */
export interface AdsCounts {
  /** Streams that are open. */
  readonly streams: number;
  /** Responses that went out, by the type of their resources. */
  readonly responses: Counts;
  /** Those that clients have refused. */
  readonly refusals: Counts;
}

/** Counts what clients of xDS are sent, for metrics. */
export class AdsTally {
  #streams = 0;
  readonly #responses = { listener: 0, route: 0, cluster: 0, assignment: 0 };
  readonly #refusals = { listener: 0, route: 0, cluster: 0, assignment: 0 };

  /** A stream begins. @returns takes in its end */
  open(): () => void {
    this.#streams++;
    return () => void this.#streams--;
  }

  /** A response goes out. */
  sent(type: ResourceType): void {
    this.#responses[type]++;
  }

  /** A client refuses a response. */
  refused(type: ResourceType): void {
    this.#refusals[type]++;
  }

  /** How it stands now. */
  get counts(): AdsCounts {
    return { streams: this.#streams, responses: this.#responses, refusals: this.#refusals };
  }
}
