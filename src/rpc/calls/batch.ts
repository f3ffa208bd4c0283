import { SitqError } from "../../domain/errors.ts";

/** Converts the items of a batch. One that is refused holds up no other: its refusal stands in its place. */
export function convertEach<Item, T>(items: readonly Item[], convert: (item: Item) => T): (T | SitqError)[] {
  return items.map((item) => {
    try {
      return convert(item);
    } catch (error) {
      if (error instanceof SitqError) return error;
      throw error;
    }
  });
}

/** The answers to all items of a batch, in their order. @param handle answers those that are not refused */
export async function answerEach<T, Answer>(
  items: readonly (T | SitqError)[],
  handle: (sound: T[]) => Promise<(Answer | SitqError)[]>,
): Promise<(Answer | SitqError)[]> {
  const sound = items.filter((each): each is T => !(each instanceof SitqError));
  const answers = await handle(sound);
  if (sound.length === items.length) return answers;
  let next = 0;
  return items.map((each) => {
    const answer = each instanceof SitqError ? each : answers[next++];
    if (answer === undefined) throw new Error("an item without an answer");
    return answer;
  });
}
