/** What an event is ordered by: sorts as text. */
export interface Placed {
  readonly position: string;
}

/** Events that came, before those that were read: each once, the newest first. */
export function newestFirst<Event extends Placed>(came: readonly Event[], read: readonly Event[]): Event[] {
  const newest = read[0]?.position ?? "";
  return [...came.filter(({ position }) => position > newest), ...read];
}
