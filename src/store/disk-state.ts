/** How much room there is for what is stored. */
export interface DiskState {
  /** New work is refused with `DISK_LOW`; what ends work goes on. */
  readonly isLow: boolean;
  /** Free beside the reserve. */
  readonly freeBytes: number;
  /** What is left of the reserve. */
  readonly reserveBytes: number;
}
