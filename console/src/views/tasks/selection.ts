/** What is selected of a list. */
export interface Selection {
  /** The tasks by their ids, or all that match the filter, shown or not. */
  readonly chosen: ReadonlySet<string> | "all";
  /** The one that was selected last, where a range begins. */
  readonly last: string | null;
}

/** Nothing. */
export const nothingSelected: Selection = { chosen: new Set(), last: null };

/** Whether a task is selected. */
export function isSelected({ chosen }: Selection, id: string): boolean {
  return chosen === "all" || chosen.has(id);
}

/**
 * Selects one task or takes it out; with `isRange` all from the last one to it.
 *
 * @param ids the list, in its order
 */
export function toggle(selection: Selection, ids: readonly string[], id: string, isRange: boolean): Selection {
  const chosen = new Set(selection.chosen === "all" ? ids : selection.chosen);
  const isOn = !isSelected(selection, id);
  const from = selection.last === null ? -1 : ids.indexOf(selection.last);
  const to = ids.indexOf(id);
  const range = isRange && from !== -1 ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  for (const each of range) {
    if (isOn) chosen.add(each);
    else chosen.delete(each);
  }
  return { chosen, last: id };
}

/** Selects all that are shown, or none. */
export function toggleShown(selection: Selection, ids: readonly string[]): Selection {
  const isAll = ids.length > 0 && ids.every((id) => isSelected(selection, id));
  return isAll ? nothingSelected : { chosen: new Set(ids), last: null };
}
