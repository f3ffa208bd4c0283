import type { StoreVerbs } from "../../store.ts";
import { isTooSlow } from "../database/sql-state.ts";
import type { Statements } from "../database/statements.ts";
import type { EngineVerb } from "./set-verbs.ts";

/** What the server does by itself, in batches, and repeats where it fails: no caller waits for it. */
export type UpkeepVerb = keyof Pick<
  StoreVerbs,
  "advance" | "sweep" | "sweepWorkflows" | "sweepEvents" | "sweepAudit" | "catchUp" | "endDeliveries" | "measure"
>;

const upkeepVerbs: ReadonlySet<EngineVerb> = new Set<UpkeepVerb>([
  "advance",
  "sweep",
  "sweepWorkflows",
  "sweepEvents",
  "sweepAudit",
  "catchUp",
  "endDeliveries",
  "measure",
]);

/** A statement of upkeep took too long, or waited too long for a lock: the call is refused, so that the others go on. */
export class UpkeepTimeout extends Error {
  override readonly name = "UpkeepTimeout";
  readonly verb: UpkeepVerb;

  constructor(message: string, { verb, ...options }: ErrorOptions & { readonly verb: UpkeepVerb }) {
    super(message, options);
    this.verb = verb;
  }
}

/**
 * Bounds upkeep: it shares the session with everything else, which waits meanwhile. Each of its statements has a timeout of its own, shorter than
 * that of others; after one that was too long the next batches are half as large, down to one row, and grow again as they succeed.
 */
export class Upkeep {
  private readonly db: Pick<Statements, "run" | "send">;
  private readonly timeoutMs: number;
  private readonly usualTimeoutMs: number;
  /** Of a whole batch, where it is less than 1. */
  private readonly shares = new Map<UpkeepVerb, number>();

  /**
   * @param timeoutMs how long a statement of upkeep may take, in milliseconds
   * @param usualTimeoutMs how long others may
   */
  constructor(db: Pick<Statements, "run" | "send">, timeoutMs: number, usualTimeoutMs: number) {
    this.db = db;
    this.timeoutMs = Math.min(timeoutMs, usualTimeoutMs);
    this.usualTimeoutMs = usualTimeoutMs;
  }

  /** How many rows a batch of the verb takes now. @param whole how many it takes where nothing is slow */
  portion(verb: UpkeepVerb, whole: number): number {
    return Math.max(1, Math.floor(whole * (this.shares.get(verb) ?? 1)));
  }

  /** Runs calls of a verb in the open transaction. @throws UpkeepTimeout of upkeep that takes too long */
  async bounded<T>(verb: EngineVerb, work: () => Promise<T>): Promise<T> {
    if (!isUpkeep(verb)) return work();
    this.db.send(`SET LOCAL statement_timeout TO ${this.timeoutMs}`);
    try {
      const answer = await work();
      // It is waited for: what was sent before may have failed.
      await this.db.run(`SET LOCAL statement_timeout TO ${this.usualTimeoutMs}`);
      this.noteShare(verb, 2);
      return answer;
    } catch (error) {
      if (!isTooSlow(error)) throw error;
      this.noteShare(verb, 0.5);
      const text = `${verb} took longer than ${this.timeoutMs} ms in the database; the next batch is smaller`;
      throw new UpkeepTimeout(text, { verb, cause: error });
    }
  }

  private noteShare(verb: UpkeepVerb, factor: number): void {
    const share = (this.shares.get(verb) ?? 1) * factor;
    // A batch of one row is the least.
    if (share < 1) this.shares.set(verb, Math.max(share, leastShare));
    else this.shares.delete(verb);
  }
}

/** The least part of a batch: the largest has fewer rows than it has parts. */
const leastShare = 2 ** -15;

function isUpkeep(verb: EngineVerb): verb is UpkeepVerb {
  return upkeepVerbs.has(verb);
}
