/** Makes something of each part of a list, of at most so many items, when it is asked for. */
export function* inChunks<T, Result>(
  items: readonly T[],
  most: number,
  make: (chunk: readonly T[], isLast: boolean) => Result,
): Generator<Result, void> {
  for (let at = 0; at < items.length; at += most) yield make(items.slice(at, at + most), at + most >= items.length);
}
