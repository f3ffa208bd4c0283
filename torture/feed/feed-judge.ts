import type { StoredEvent } from "../../src/domain/events/event.ts";
import { laneSizes, placeOfEvent } from "./lanes.ts";

/** What the judge needs of an event. */
export type ReadEvent = Pick<StoredEvent, "id" | "sourceService" | "position">;

/**
 * Judges what a reader with a cursor is given, one event after the other: the positions grow, and of each lane of each writer, whose calls are
 * made one after the other, the numbers follow one another. So an event that is missing, comes again or comes out of order is found at once,
 * with one number kept for each lane.
 */
export class FeedJudge {
  /** What must not be, as far as it is kept: the first few. */
  readonly faults: string[] = [];
  /** How many events were read. */
  read = 0;
  /** How often an event was of another writer than the one before. */
  changes = 0;
  private position = "";
  private source = "";
  private readonly next = new Map<string, number[]>();

  /** The next event that was read. */
  take({ id, sourceService, position }: ReadEvent): void {
    this.read++;
    if (position <= this.position) this.complain(`${sourceService}/${id} at ${position} came behind ${this.position}`);
    this.position = position;
    if (sourceService !== this.source) this.changes++;
    this.source = sourceService;

    const { lane, number } = placeOfEvent(id);
    const numbers = this.numbersOf(sourceService);
    const wanted = numbers[lane] ?? 0;
    if (number > wanted) this.complain(`${sourceService}/${lane}: ${wanted} to ${number - 1} were passed over`);
    if (number < wanted) this.complain(`${sourceService}/${lane}: ${number} came again, or late`);
    numbers[lane] = Math.max(wanted, number + 1);
  }

  /** At the end: what a writer knows to be stored, by lane, must have been read, and nothing else. */
  expectAll(source: string, stored: readonly number[]): void {
    const numbers = this.numbersOf(source);
    for (const [lane, count] of stored.entries()) {
      if (numbers[lane] !== count) this.complain(`${source}/${lane}: ${count} are stored, ${numbers[lane]} were read`);
    }
  }

  private numbersOf(source: string): number[] {
    const known = this.next.get(source) ?? laneSizes.map(() => 0);
    this.next.set(source, known);
    return known;
  }

  private complain(fault: string): void {
    if (this.faults.length < 100) this.faults.push(fault);
  }
}
