import { describe, expect, it } from "vitest";
import { coversPattern, type Grant, matchesPattern, type Role } from "../../../src/domain/access/grant.ts";
import { scopeOf } from "../../../src/domain/access/scope.ts";

function grant(role: Role, changes: Partial<Grant> = {}): Grant {
  return { role, payloads: false, queue: [], event_type: [], service: [], ...changes };
}

describe("a pattern", () => {
  it.each([
    ["mail", "mail", true],
    ["mail", "mail.out", false],
    ["mail.*", "mail.out", true],
    ["mail.*", "mail", false],
    ["mail.*", "mailbox", false],
    ["*", "anything", true],
    ["", "mail", false],
  ])("%s matches %s: %s", (pattern, name, matches) => {
    expect(matchesPattern(pattern, name)).toBe(matches);
  });

  it.each([
    ["mail.*", "mail.out", true],
    ["mail.*", "mail.out.*", true],
    ["mail.*", "mail.*", true],
    ["mail.*", "mail.*.sent", true],
    ["mail.out.*", "mail.*", false],
    ["mail.out.*", "mail.*.sent", false],
    ["mail.out", "mail.*", false],
    ["mail.*", "*.sent", false],
    ["mail.*", "**", false],
    ["*", "**", true],
    ["*", "*.sent", true],
  ])("%s covers the filter %s: %s", (outer, inner, covers) => {
    expect(coversPattern(outer, inner)).toBe(covers);
  });
});

describe("the scope of grants", () => {
  it("is that of the grants with a role that the method allows", () => {
    const grants = [grant("producer", { queue: ["mail.*"] }), grant("viewer", { queue: ["orders"] })];
    const scope = scopeOf(grants, ["producer", "operator"]);
    expect(scope?.allows("queue", "mail.out")).toBe(true);
    expect(scope?.allows("queue", "orders")).toBe(false);
    expect(scope?.allows("event_type", "mail.out")).toBe(false);
    expect(scopeOf(grants, ["operator"])).toBeNull();
    expect(scopeOf([], ["producer"])).toBeNull();
  });

  it("is everything for an admin, and where `*` stands for each kind", () => {
    expect(scopeOf([grant("admin")], [])?.isWhole).toBe(true);
    const everything = { queue: ["*"], event_type: ["*"], service: ["*"] };
    expect(scopeOf([grant("viewer", everything)], ["viewer"])).toMatchObject({ isWhole: true, seesContent: false });
    expect(scopeOf([grant("operator", { queue: ["*"] })], ["operator"])?.isWhole).toBe(false);
  });

  it("shows the content only of what a grant with content covers", () => {
    const grants = [grant("viewer", { queue: ["*"] }), grant("operator", { queue: ["mail.*"] })];
    const scope = scopeOf(grants, ["viewer", "operator"]);
    expect(scope?.seesContent).toBe(false);
    expect(scope?.seesContentOf("queue", "mail.out")).toBe(true);
    expect(scope?.seesContentOf("queue", "orders")).toBe(false);
    const trusted = [grant("viewer", { queue: ["mail.out"] }), grant("viewer", { queue: ["mail.*"], payloads: true })];
    expect(scopeOf(trusted, ["viewer"])?.seesContent).toBe(true);
  });
});
