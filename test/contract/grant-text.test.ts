import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGrantText, type GrantParts, grantRoles, parseGrantText } from "../../src/contract/grant-text.ts";

const patterns = fc.array(fc.stringMatching(/^[a-z][a-z.]{0,8}\*?$/), { maxLength: 3 });

test("a grant is read as it was written", () => {
  const grants = fc.record({
    role: fc.constantFrom(...grantRoles),
    payloads: fc.boolean(),
    queue: patterns,
    event_type: patterns,
    service: patterns,
  });
  fc.assert(
    fc.property(grants, (grant: GrantParts) => {
      expect(parseGrantText(formatGrantText(grant))).toEqual(grant);
    }),
  );
});

test.each<[string, GrantParts | string]>([
  ["operator", { role: "operator", payloads: false, queue: [], event_type: [], service: [] }],
  ["viewer+payloads:a", { role: "viewer", payloads: true, queue: ["a"], event_type: ["a"], service: ["a"] }],
  ["worker:queue=a.*,service=b", { role: "worker", payloads: false, queue: ["a.*"], event_type: [], service: ["b"] }],
  ["king:*", "begins with a role: producer, worker, viewer, operator, admin"],
  ["viewer+all:*", "takes only +payloads behind its role"],
  ["worker:queu=mail.*", 'has "queu", which is none of queue, event, service'],
  ["", "begins with a role: producer, worker, viewer, operator, admin"],
])("the text %j", (text, expected) => {
  expect(parseGrantText(text)).toEqual(expected);
});
