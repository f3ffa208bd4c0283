import type { Token } from "../../client/index.ts";
import { msOf } from "../terminal/times.ts";

/** What a token is good for now. */
export function tokenState({ revokeTime, expireTime }: Token): "valid" | "expired" | "revoked" {
  if (revokeTime !== undefined) return "revoked";
  const endMs = msOf(expireTime);
  return endMs !== null && endMs <= Date.now() ? "expired" : "valid";
}
