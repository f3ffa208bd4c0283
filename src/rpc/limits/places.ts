/** Counts what each address, principal or the like has open at a time, and knows how much each may have. */
export class Places {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  /** @param most how many places each has */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place. @returns whether there was one */
  take(owner: string): boolean {
    const taken = this.#taken.get(owner) ?? 0;
    if (taken >= this.#most) return false;
    this.#taken.set(owner, taken + 1);
    return true;
  }

  /** Gives back a place that was taken. */
  giveBack(owner: string): void {
    const left = (this.#taken.get(owner) ?? 1) - 1;
    if (left === 0) this.#taken.delete(owner);
    else this.#taken.set(owner, left);
  }
}
