/** After a commit that went along in vain so many transactions wait for their answers; after the next one twice as many, to the most. */
const firstPause = 8;
const mostPause = 1_024;

/**
 * Decides whether the commit of a transaction goes along with its last statements, without a wait for their answers: one way to the database less.
 *
 * It may where each run of calls has been answered, or has announced its last statement. Such a statement divides by zero where its answer would make
 * another one necessary, so that the commit is a rollback; the calls then run again, and wait.
 */
export class CommitAlong {
  private isOpen = false;
  /** Runs that are not answered, and have not announced their last statement. */
  private left = 0;
  private pause = firstPause;
  /** Transactions that wait. */
  private pausedFor = 0;

  /** A transaction of so many runs begins. @param may the commit may go along */
  begin(runs: number, may: boolean): void {
    this.left = runs;
    this.isOpen = may && this.pausedFor === 0;
    if (may && this.pausedFor > 0) this.pausedFor--;
  }

  /** Announces the last statement of a run. @returns whether it has to divide by zero unless it is the last */
  isLast(): boolean {
    if (this.isOpen) this.left--;
    return this.isOpen;
  }

  /** A run is answered that has not announced its last statement. */
  answered(): void {
    if (this.isOpen) this.left--;
  }

  /** What is called now has been sent. @returns whether the commit goes along */
  end(): boolean {
    const goes = this.isOpen && this.left === 0;
    this.isOpen = false;
    return goes;
  }

  /** A commit went along. @param isLast nothing was left to do */
  judge(isLast: boolean): void {
    if (!isLast) this.pausedFor = this.pause;
    this.pause = isLast ? firstPause : Math.min(2 * this.pause, mostPause);
  }
}
