/** Counts tasks that are handled and whose acknowledgement is under way. */
export class Unsettled {
  #count = 0;
  readonly #onNone: (() => void)[] = [];

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count > 0) return;
    for (const resolve of this.#onNone.splice(0)) resolve();
  }

  /** Resolves when there are none. */
  async none(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => this.#onNone.push(resolve));
  }
}
