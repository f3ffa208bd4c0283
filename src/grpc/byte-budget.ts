/** Bytes that those who share them may hold at a time; the others wait their turn, first come, first served. */
export class ByteBudget {
  readonly #waiting = new Set<{ readonly bytes: number; readonly go: () => void }>();
  #left: number;

  /** @param total how many there are */
  constructor(total: number) {
    this.#left = total;
  }

  /**
   * Takes bytes, and calls `go` once they are there: at once, if they are.
   *
   * @param bytes at most as many as there are in all
   * @returns gives them back, or gives up the place in the line
   */
  take(bytes: number, go: () => void): () => void {
    const place = { bytes, go };
    let isOver = false;
    this.#waiting.add(place);
    this.#serve();
    return () => {
      if (isOver) return;
      isOver = true;
      if (!this.#waiting.delete(place)) this.#left += bytes;
      this.#serve();
    };
  }

  #serve(): void {
    for (const place of this.#waiting) {
      if (place.bytes > this.#left) return;
      this.#left -= place.bytes;
      this.#waiting.delete(place);
      place.go();
    }
  }
}
