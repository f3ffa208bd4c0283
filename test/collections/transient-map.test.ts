import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TransientMap } from "../../src/collections/transient-map.ts";

describe("a transient map", () => {
  it("holds what a Map holds, whatever comes and goes", () => {
    // Few keys meet again, many make it grow.
    const key = fc.oneof(
      fc.nat(40),

      fc.nat(9).map(String),
      fc.nat(300).map((n) => `task-${n}`),
      fc.string(),
    );
    const step = fc.tuple(fc.constantFrom("set", "set", "delete", "get"), key);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const ours = new TransientMap<string | number, { readonly at: number }>();
        const theirs = new Map<string | number, { readonly at: number }>();
        for (const [at, [verb, name]] of steps.entries()) {
          const value = { at };
          if (verb === "set") {
            expect(ours.set(name, value)).toBe(theirs.get(name));
            theirs.set(name, value);
          } else if (verb === "delete") {
            expect(ours.delete(name)).toBe(theirs.get(name));
            theirs.delete(name);
          }
          expect(ours.get(name)).toEqual(theirs.get(name));
          expect(ours.size).toBe(theirs.size);
        }
        for (const [name, value] of theirs) expect(ours.get(name)).toEqual(value);
        const byStep = (a: { at: number }, b: { at: number }) => a.at - b.at;
        expect(ours.values().sort(byStep)).toEqual([...theirs.values()].sort(byStep));
      }),
    );
  });

  it("holds nothing after it is cleared, and takes entries again", () => {
    const map = new TransientMap<number, { readonly n: number }>();
    for (let n = 0; n < 100; n++) map.set(n, { n });
    map.clear();
    expect(map.size).toBe(0);
    expect(map.get(7)).toBeUndefined();
    expect(map.values()).toEqual([]);
    map.set(7, { n: 8 });
    expect(map.values()).toEqual([{ n: 8 }]);
  });

  it("keeps what stands in it when it grows, and finds each key after the others have gone", () => {
    const map = new TransientMap<string, { readonly name: string }>();
    const names = Array.from({ length: 5_000 }, (_, index) => `0${index.toString(36)}`);
    for (const name of names) map.set(name, { name });
    expect(map.size).toBe(5_000);
    for (const name of names.filter((_, index) => index % 3 !== 0)) map.delete(name);
    for (const [index, name] of names.entries()) expect(map.get(name)).toEqual(index % 3 === 0 ? { name } : undefined);
  });
});
