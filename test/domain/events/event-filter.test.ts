import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { EventFilter } from "../../../src/domain/events/event.ts";
import {
  createEventMatcher,
  type EventFacts,
  orderingKeyComplaint,
  orderingKeyOf,
  patternComplaint,
} from "../../../src/domain/events/event-filter.ts";
import { everyEvent } from "../../harness/calls/builders.ts";

function facts(changes: Partial<EventFacts> = {}): EventFacts {
  return {
    type: "order.created",
    sourceService: "shop",
    subject: "7",
    correlationId: "c",
    attributes: { tenant: "acme", urgent: true, level: 3 },
    ...changes,
  };
}

const matches = (filter: Partial<EventFilter>, event: Partial<EventFacts> = {}) =>
  createEventMatcher({ ...everyEvent, ...filter })(facts(event));
const typeMatches = (pattern: string, type: string) => matches({ types: [pattern] }, { type });

const part = fc.string({ unit: fc.constantFrom(..."abAB01_-/:"), minLength: 1, maxLength: 5 });
const type = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));

describe("patterns of types", () => {
  it.each([
    ["order.created", "order.created", true],
    ["order.created", "order.createdx", false],
    ["order.created", "orderxcreated", false],
    ["order.*", "order.created", true],
    ["order.*", "order.created.twice", false],
    ["order.*", "order", false],
    ["order.*", "order.", false],
    ["*.created", "order.created", true],
    ["*", "order", true],
    ["*", "order.created", false],
    ["order.*.eu", "order.created.eu", true],
    ["order.**", "order.created.eu", true],
    ["order.**", "order.created", true],
    ["order.**", "order", false],
    ["order.**", "orders.created", false],
    ["**", "order", true],
    ["**", "order.created.eu", true],
    ["a/b:c-d_e", "a/b:c-d_e", true],
    ["Order.*", "order.created", false],
  ])("%s means %s: %s", (pattern, given, expected) => {
    expect(patternComplaint(pattern)).toBeNull();
    expect(typeMatches(pattern, given)).toBe(expected);
  });

  it.each(["", ".", "a.", ".a", "a..b", "a*", "*a", "***", "**.a", "a.**.b", "a b", "a.(b|c)", "ä", "a.[b]"])(
    "refuses %j",
    (pattern) => {
      expect(patternComplaint(pattern)).not.toBeNull();
    },
  );

  test("a type means itself and no other", () => {
    fc.assert(
      fc.property(type, type, (pattern, given) => {
        expect(patternComplaint(pattern)).toBeNull();
        expect(typeMatches(pattern, given)).toBe(pattern === given);
      }),
    );
  });

  test("a type with some parts replaced by * means it, and only types with as many parts", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(part, fc.boolean()), { minLength: 1, maxLength: 5 }), type, (parts, other) => {
        const pattern = parts.map(([each, isWild]) => (isWild ? "*" : each)).join(".");
        expect(typeMatches(pattern, parts.map(([each]) => each).join("."))).toBe(true);
        const others = other.split(".");
        const expected =
          others.length === parts.length && parts.every(([each, isWild], index) => isWild || each === others[index]);
        expect(typeMatches(pattern, other)).toBe(expected);
      }),
    );
  });

  test("** at the end means every longer type that begins so", () => {
    fc.assert(
      fc.property(type, type, (begin, rest) => {
        expect(typeMatches(`${begin}.**`, `${begin}.${rest}`)).toBe(true);
        expect(typeMatches(`${begin}.**`, rest)).toBe(rest.startsWith(`${begin}.`));
      }),
    );
  });

  test("several mean what any of them means", () => {
    fc.assert(
      fc.property(fc.array(type, { minLength: 1, maxLength: 4 }), type, (types, given) => {
        expect(matches({ types }, { type: given })).toBe(types.includes(given));
        expect(matches({ types: [...types, "**"] }, { type: given })).toBe(true);
      }),
    );
  });

  it("takes no longer for a hostile pattern", () => {
    const pattern = `${Array.from({ length: 66 }, () => "*").join(".")}.a`;
    const given = `${Array.from({ length: 99 }, () => "b").join(".")}`;
    const beganMs = performance.now();
    for (let round = 0; round < 100; round++) expect(typeMatches(pattern, given)).toBe(false);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  });
});

describe("filters", () => {
  it("mean every event if they say nothing", () => {
    expect(matches({})).toBe(true);
    expect(matches({}, { subject: null, correlationId: null, attributes: null })).toBe(true);
  });

  it.each<[string, Partial<EventFilter>, boolean]>([
    ["the source", { sourceService: "shop" }, true],
    ["another source", { sourceService: "shopping" }, false],
    ["the subject", { subject: "7" }, true],
    ["another subject", { subject: "77" }, false],
    ["the correlation id", { correlationId: "c" }, true],
    ["another correlation id", { correlationId: "" }, false],
    ["attributes as text", { attributes: { tenant: "acme", urgent: "true", level: "3" } }, true],
    ["an attribute with another value", { attributes: { tenant: "acme", level: "4" } }, false],
    ["an attribute that is not there", { attributes: { zone: "eu" } }, false],
    ["what every object has", { attributes: { constructor: "x" } }, false],
  ])("look at %s", (_, filter, expected) => {
    expect(matches(filter)).toBe(expected);
  });

  it("ask for all that they say", () => {
    const filter = { types: ["order.*"], sourceService: "shop", subject: "7", correlationId: "c" };
    expect(matches(filter)).toBe(true);
    for (const change of [{ type: "x" }, { sourceService: "x" }, { subject: null }, { correlationId: null }]) {
      expect(matches(filter, change)).toBe(false);
    }
  });
});

describe("ordering keys", () => {
  it.each([
    ["subject", "7"],
    ["source_service", "shop"],
    ["correlation_id", "c"],
    ["attributes.tenant", "acme"],
    ["attributes.urgent", "true"],
    ["attributes.level", "3"],
    ["attributes.zone", null],
    ["attributes.constructor", null],
  ])("%s is read off the event", (spec, key) => {
    expect(orderingKeyComplaint(spec)).toBeNull();
    expect(orderingKeyOf(facts(), spec)).toBe(key);
  });

  it("are missing where the event does not say it, or nobody asks", () => {
    expect(orderingKeyOf(facts({ subject: null }), "subject")).toBeNull();
    expect(orderingKeyOf(facts({ attributes: null }), "attributes.tenant")).toBeNull();
    expect(orderingKeyOf(facts(), null)).toBeNull();
  });

  it.each(["", "type", "attributes", "attributes.", "attributes.A", "attributes.a.b", "Subject", "data.id"])(
    "refuses %j",
    (spec) => {
      expect(orderingKeyComplaint(spec)).not.toBeNull();
    },
  );
});
