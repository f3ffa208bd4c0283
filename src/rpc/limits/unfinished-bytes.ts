import { ByteBudget } from "../../grpc/byte-budget.ts";

interface Share {
  readonly budget: ByteBudget;
  /** How many messages hold some of it, or wait. */
  messages: number;
}

/** Bounds the bytes of large messages that each principal or address has unfinished at a time; others wait for them. */
export class UnfinishedBytes {
  readonly #most: number;
  readonly #shares = new Map<string, Share>();

  /** @param most how many each has: at least as many as one message */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes bytes, and calls `go` once they are there: at once, if they are.
   *
   * @returns gives them back, or gives up the place in the line
   */
  take(owner: string, bytes: number, go: () => void): () => void {
    const share = this.#shares.get(owner) ?? { budget: new ByteBudget(this.#most), messages: 0 };
    this.#shares.set(owner, share);
    share.messages++;
    const giveBack = share.budget.take(bytes, go);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      giveBack();
      share.messages--;
      if (share.messages === 0) this.#shares.delete(owner);
    };
  }
}
