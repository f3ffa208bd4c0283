import { expect, test } from "vitest";
import { foldedText } from "../../../../src/domain/operators/task-filter.ts";
import { errorPartOf } from "../../../../src/store/postgres/tasks/task-conditions.ts";

test("of all characters only A to Z and two others become ASCII when they are folded: the statement folds these", () => {
  const others: string[] = [];
  for (let point = 0x80; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    if (/[ -~]/.test(foldedText(character))) others.push(character);
  }
  expect(others).toEqual(["\u0130", "\u212a"]);
});

test.each([
  [{ errorType: null, errorText: null }, null],
  [{ errorType: "SmtpError", errorText: null }, "smtperror"],
  [{ errorType: "", errorText: null }, ""],
  [{ errorType: "E", errorText: "Try Ärger AGAIN" }, "rger again"],
  [{ errorType: null, errorText: 'a"bc\\de\0fgh\u0130' }, "fghi"],
  [{ errorType: null, errorText: "日本" }, ""],
])("the column is asked for what each error holds that is meant by %o", (filter, part) => {
  expect(errorPartOf(filter)).toBe(part);
});
