import { describe, expect, test } from "vitest";
import { InstanceChangeType } from "../../gen/sitq/v1/registry_service_pb.js";
import { protoEnum } from "../../src/contract/enums.ts";

type Word = "added" | "updated" | "removed";

const changes = protoEnum<Word, InstanceChangeType>()({
  added: InstanceChangeType.ADDED,
  updated: InstanceChangeType.UPDATED,
  removed: InstanceChangeType.REMOVED,
});

describe("a table of an enum", () => {
  test("gives the value of each word and the word of each value", () => {
    expect(changes.values).toEqual({ added: 1, updated: 2, removed: 3 });
    expect([1, 2, 3].map((value) => changes.words[value])).toEqual(["added", "updated", "removed"]);
  });

  test.each([0, 4, -1, 1.5, 2 ** 31 - 1, Number.NaN])("has no word for %d", (value) => {
    expect(changes.words[value]).toBeUndefined();
  });

  test("may have a word for UNSPECIFIED", () => {
    const { values, words } = protoEnum<Word | "none", InstanceChangeType>()({
      none: InstanceChangeType.UNSPECIFIED,
      added: InstanceChangeType.ADDED,
      updated: InstanceChangeType.UPDATED,
      removed: InstanceChangeType.REMOVED,
    });
    expect(values.none).toBe(0);
    expect(words[0]).toBe("none");
  });

  test("takes the words of the table where none are given, in its order", () => {
    const { values } = protoEnum<string, InstanceChangeType>()({
      removed: InstanceChangeType.REMOVED,
      "newly-added": InstanceChangeType.ADDED,
      updated: InstanceChangeType.UPDATED,
    });
    expect(Object.keys(values)).toEqual(["removed", "newly-added", "updated"]);
    // @ts-expect-error: the table has no such word
    expect(values.added).toBeUndefined();
  });
});

test("a table does not compile that leaves out a value or a word, or has one too many", () => {
  // @ts-expect-error: REMOVED has no word
  protoEnum<"added" | "updated", InstanceChangeType>()({
    added: InstanceChangeType.ADDED,
    updated: InstanceChangeType.UPDATED,
  });
  // @ts-expect-error: the same without given words
  protoEnum<string, InstanceChangeType>()({ added: InstanceChangeType.ADDED, updated: InstanceChangeType.UPDATED });
  // @ts-expect-error: `removed` is missing
  protoEnum<Word, InstanceChangeType>()({ added: InstanceChangeType.ADDED, updated: InstanceChangeType.UPDATED });
  // @ts-expect-error: REMOVED has no word, since the word of it means another value
  protoEnum<Word, InstanceChangeType>()({
    added: InstanceChangeType.ADDED,
    updated: InstanceChangeType.UPDATED,
    removed: InstanceChangeType.UPDATED,
  });
  // @ts-expect-error: there is no word `moved`
  protoEnum<Word, InstanceChangeType>()({
    added: InstanceChangeType.ADDED,
    updated: InstanceChangeType.UPDATED,
    removed: InstanceChangeType.REMOVED,
    moved: InstanceChangeType.ADDED,
  });
  // A value that is none of the table's is left out by name.
  protoEnum<"added" | "updated", Exclude<InstanceChangeType, InstanceChangeType.REMOVED>>()({
    added: InstanceChangeType.ADDED,
    updated: InstanceChangeType.UPDATED,
  });
});
