import type { SitqError } from "../errors.ts";
import type { Principal } from "./principal.ts";

/** Beside the refusals: what is in them is sent. */
const callers = new WeakMap<object, Principal>();

/** Notes whose credential is refused, though it is known: the audit log names it. @returns the refusal */
export function refusedTo(name: string, credential: Principal["credential"], refusal: SitqError): SitqError {
  callers.set(refusal, { name, grants: [], credential });
  return refusal;
}

/** Whose credential an error refuses; `null`: it is not known. */
export function refusedCaller(error: unknown): Principal | null {
  return (typeof error === "object" && error !== null && callers.get(error)) || null;
}
