/**
 * The ids of workers. With authentication on, a worker's id is `PRINCIPAL/ID`: two principals cannot have the same, and neither can
 * settle over the other's.
 */

import type { Principal } from "../../domain/access/principal.ts";
import { outOfScope } from "../../domain/refusals/access.ts";
import { parseWorkerId } from "./checks.ts";

/** The names of principals do not hold it, and neither does what a worker calls itself. */
const separator = "/";

/**
 * The full id of a caller's own worker. It may be given with the principal's name before it, as `welcome` answers it.
 *
 * @throws SitqError with the field's path; OUT_OF_SCOPE for another principal's
 */
export function parseOwnWorkerId(field: string, value: string, { name }: Pick<Principal, "name">): string {
  if (name === "") return parseWorkerId(field, value);
  const prefix = `${name}${separator}`;
  if (value.startsWith(prefix)) return prefix + parseWorkerId(field, value.slice(prefix.length));
  if (value.includes(separator)) throw outOfScope("worker", value, field);
  return prefix + parseWorkerId(field, value);
}

/** The id of anyone's worker, as it is listed. @throws SitqError with the field's path */
export function parseAnyWorkerId(field: string, value: string): string {
  const end = value.indexOf(separator) + 1;
  // A name that no principal has names no worker.
  return value.slice(0, end) + parseWorkerId(field, value.slice(end));
}
