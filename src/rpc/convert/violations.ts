/**
 * All that is wrong with a request, named at once. A check throws at the first violation, which costs a sound request nothing; a
 * request that was refused so is converted once more, and this time its checks note what they refuse and go on.
 *
 * Rejected: a list of checks that is built for each request and run to its end. It would cost every task its closures.
 */

import { invalidField, SitqError, type Violation } from "../../domain/errors.ts";

/** How many are named: the status travels in trailers. */
const mostNamed = 20;

/** What was refused in a conversion that is run for that; `null`: none is. Conversions do not wait, so there is one at a time. */
let noted: SitqError[] | null = null;
/** Where what was refused below the prefix of now begins in it. */
let scope = 0;

/** Refuses a field: throws, or notes it where all violations are looked for; then the check goes on with what it has. */
export function refuse(refusal: SitqError): void {
  if (noted === null) throw refusal;
  const { field } = refusal.details;
  // One for each field: a map of bad keys leaves room for the others.
  for (let index = scope; index < noted.length; index++) if (noted[index]?.details.field === field) return;
  if (noted.length >= mostNamed) throw refusal;
  noted.push(refusal);
}

/** Refuses one field's value, as `refuse`. @param value the text at fault. Default: there is none to quote */
export function refuseField(field: string, message: string, value?: string): void {
  refuse(invalidField(field, message, value));
}

/**
 * Answers what `convert` does.
 *
 * @throws SitqError of the first field that is refused, with the others in its details
 */
export function converted<T>(convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    throw withOthers(error, convert);
  }
}

/** What a conversion threw, with the other fields that it refuses. @param args what it was called with */
export function withOthers<Args extends unknown[]>(
  error: unknown,
  convert: (...args: Args) => unknown,
  ...args: Args
): unknown {
  // One inside another leaves it to the outer.
  if (noted !== null || !(error instanceof SitqError) || error.kind !== "invalid") return error;
  return error.with(
    othersThan(
      error,
      violationsOf(() => convert(...args)),
    ),
  );
}

/** Runs `check`, and puts `prefix` before the field of what it refuses. */
export function under<T>(prefix: string, check: () => T): T {
  const outer = scope;
  const from = noted?.length ?? 0;
  scope = from;
  try {
    return check();
  } catch (error) {
    throw error instanceof SitqError ? error.under(prefix) : error;
  } finally {
    scope = outer;
    if (noted !== null) noted.push(...noted.splice(from).map((each) => each.under(prefix)));
  }
}

function violationsOf(convert: () => unknown): readonly SitqError[] {
  const found: SitqError[] = [];
  noted = found;
  try {
    convert();
  } catch (error) {
    // A check that cannot go on, or what a refused value led to: it ends the search, and what was noted stands.
    if (error instanceof SitqError) found.push(error);
  } finally {
    noted = null;
  }
  return found;
}

/** One for each field. */
function othersThan({ details }: SitqError, all: readonly SitqError[]): Violation[] {
  const fields = new Map<string, Violation>();
  for (const { reason, message, details: each } of all) {
    const { field } = each;
    if (field !== undefined && field !== details.field && !fields.has(field))
      fields.set(field, { field, reason, message });
  }
  return [...fields.values()].slice(0, mostNamed - 1);
}
