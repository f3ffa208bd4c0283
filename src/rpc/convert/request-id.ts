/**
 * The ids by which requests are repeated. With authentication on each principal has its own: what is stored is `PRINCIPAL\nID`, so that
 * no principal can use up, or find, the ids of another.
 */

/** Neither names of principals nor ids of requests hold it. */
const separator = "\n";

/** A caller's id of a request as it is stored. @param principal its name; empty: authentication is off */
export function ownRequestId(id: string | null, principal: string): string | null {
  return id === null || principal === "" ? id : principal + separator + id;
}

/** An id as its caller gave it; empty: there is none. */
export function shownRequestId(stored: string | null | undefined): string {
  return stored ? stored.slice(stored.indexOf(separator) + 1) : "";
}
