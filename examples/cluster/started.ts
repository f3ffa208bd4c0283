/** Kinds of what is started. The later ones need the earlier ones, and are ended before them. */
const kinds = ["database", "server", "service", "client"] as const;

type Kind = (typeof kinds)[number];

type End = () => Promise<void> | void;

/** What has been started, and is ended in the end, however far the run came. */
export class Started {
  readonly #ends: Record<Kind, End[]> = { database: [], server: [], service: [], client: [] };
  #isOver = false;

  /** Takes over what was started. @throws Error if the end has begun: it is ended at once */
  async add(kind: Kind, end: End): Promise<void> {
    if (!this.#isOver) {
      this.#ends[kind].push(end);
      return;
    }
    await end();
    throw new Error(`the run has ended: a ${kind} was started too late`);
  }

  /** Ends all of it, those of a kind together. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const kind of kinds.toReversed()) await Promise.all(this.#ends[kind].map((end) => end()));
  }
}
