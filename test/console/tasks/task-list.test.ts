import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { listedTasks, mergeLists } from "../../../console/src/views/tasks/listed-tasks.ts";
import { isSelected, nothingSelected, toggle, toggleShown } from "../../../console/src/views/tasks/selection.ts";
import { ListTasksResponseSchema } from "../../../gen/sitq/v1/queue_service_pb.js";

const listOf = (ids: string) => listedTasks(create(ListTasksResponseSchema, { tasks: [...ids].map((id) => ({ id })) }));
const shown = (list: ReturnType<typeof listOf>) =>
  list.map(({ task, isGone }) => (isGone ? `(${task.id})` : task.id)).join("");

test("a task that left the list stays at its place as long as it is kept", () => {
  const kept = (id: string) => "bd".includes(id);
  expect(shown(mergeLists(listOf("edcba"), listOf("gfeca"), false, kept))).toBe("gfe(d)c(b)a");
  expect(shown(mergeLists(listOf("abcde"), listOf("ac"), true, kept))).toBe("a(b)c(d)");
  expect(shown(mergeLists(listOf("edcba"), listOf("a"), false, () => false))).toBe("a");
});

test("a task that left stays said to be gone, and one that comes back is not", () => {
  const once = mergeLists(listOf("ba"), listOf("a"), false, () => true);
  expect(shown(mergeLists(once, listOf("a"), false, () => true))).toBe("(b)a");
  expect(shown(mergeLists(once, listOf("ba"), false, () => true))).toBe("ba");
});

test("tasks are selected one by one, as a range, and all that are shown", () => {
  const ids = ["e", "d", "c", "b", "a"];
  const chosenOf = (selection: typeof nothingSelected) => ids.filter((id) => isSelected(selection, id)).join("");
  const one = toggle(nothingSelected, ids, "d", false);
  expect(chosenOf(one)).toBe("d");
  const range = toggle(one, ids, "b", true);
  expect(chosenOf(range)).toBe("dcb");
  expect(chosenOf(toggle(range, ids, "c", false))).toBe("db");
  expect(chosenOf(toggle(range, ids, "e", true))).toBe("edcb");
  const all = toggleShown(range, ids);
  expect(chosenOf(all)).toBe("edcba");
  expect(chosenOf(toggleShown(all, ids))).toBe("");
});

test("what is taken out of all that match leaves those that are shown", () => {
  const all = { chosen: "all", last: null } as const;
  expect(isSelected(all, "not shown")).toBe(true);
  const rest = toggle(all, ["b", "a"], "a", false);
  expect([isSelected(rest, "b"), isSelected(rest, "a"), isSelected(rest, "not shown")]).toEqual([true, false, false]);
});
