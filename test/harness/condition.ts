/** What tests wait for: something that a stream, a log or a stub brings about. */
export interface Condition {
  /** Looks again at all that is waited for. */
  changed(): void;
  /** Nothing changes any more: what is not so by now never will be. */
  end(why?: unknown): void;
  /** Resolves once it is so; rejects if the end comes before. `what` names it in the error. */
  until(isSo: () => boolean, what: string): Promise<void>;
}

/** Creates a condition that has not ended. */
export function createCondition(): Condition {
  const looks = new Set<() => void>();
  let over: { readonly why: unknown } | null = null;

  function changed(): void {
    for (const look of [...looks]) look();
  }

  return {
    changed,
    end(why) {
      over = { why };
      changed();
    },
    until(isSo, what) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const isTrue = isSo();
          if (!isTrue && over === null) return;
          looks.delete(look);
          if (isTrue) resolve();
          else reject(new Error(`It ended before ${what}`, { cause: over?.why }));
        };
        looks.add(look);
        look();
      });
    },
  };
}
