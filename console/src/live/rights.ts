import type { DescMethod } from "@bufbuild/protobuf";
import { missingRight, type Touched } from "../rpc/missing-right.ts";
import { identity } from "./session.ts";

/** Why who looks may not call a method on something, in one sentence; `null`: they may, or it is not known yet. */
export function whyNot(method: DescMethod, touched: Touched = {}): string | null {
  return identity.value === null ? null : missingRight(identity.value.grants, method, touched);
}
