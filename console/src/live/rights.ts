import type { DescMethod } from "@bufbuild/protobuf";
import { coversContent, missingRight, type Touched } from "../rpc/missing-right.ts";
import { fileView, identity } from "./session.ts";

/** Why who looks may not call a method that does something on something, in one sentence; `null`: they may, or it is not known yet. */
export function whyNot(method: DescMethod, touched: Touched = {}): string | null {
  if (fileView.value !== null) return "This is a file that is only shown: nothing in it can be changed.";
  return identity.value === null ? null : missingRight(identity.value.grants, method, touched);
}

/** Whether who looks may read the data of events of a type, and the results of their deliveries; `true` too while it is not known yet. */
export function mayReadEvents(type: string): boolean {
  return identity.value === null || coversContent(identity.value.grants, type, "eventTypes");
}

/** Whether who looks may read payloads, results, headers and texts of errors of a queue; `true` too while it is not known yet. */
export function mayReadContent(queue: string): boolean {
  return identity.value === null || coversContent(identity.value.grants, queue);
}
