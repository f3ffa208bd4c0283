import { tooManyConnections } from "../../domain/refusals/access.ts";
import type { CallConnection } from "../../grpc/handlers.ts";
import { Places } from "./places.ts";
import { quietReport, type Reporting } from "./quiet-report.ts";

/**
 * Bounds the connections of each principal. A connection counts for a principal from its first call until the connection closes; one
 * that a proxy shares among several principals counts for each of them.
 */
export class PrincipalConnections {
  readonly #most: number;
  readonly #places: Places;
  readonly #principals = new WeakMap<CallConnection, Set<string>>();
  readonly #report: ReturnType<typeof quietReport>;

  /** @param most how many a principal may have open at a time */
  constructor(most: number, reporting: Reporting) {
    this.#most = most;
    this.#places = new Places(most);
    this.#report = quietReport(reporting);
  }

  /**
   * Lets a call of a principal through. A connection that counts for no principal is closed with the refusal: it would take the place
   * of another client's otherwise.
   *
   * @param connection `null`: it is gone
   * @throws SitqError TOO_MANY_CONNECTIONS
   */
  admit(principal: string, connection: CallConnection | null): void {
    // One that is destroyed will not say that it closes.
    if (connection === null || connection.destroyed) return;
    const known = this.#principals.get(connection);
    if (known?.has(principal)) return;
    if (!this.#places.take(principal)) {
      const facts = { connections: this.#most, principal };
      this.#report(facts, "refusing calls: a principal is at max-connections-per-principal");
      if (known === undefined) connection.close();
      throw tooManyConnections(this.#most);
    }
    if (known === undefined) this.#count(principal, connection);
    else known.add(principal);
  }

  #count(principal: string, connection: CallConnection): void {
    const principals = new Set([principal]);
    this.#principals.set(connection, principals);
    connection.once("close", () => {
      for (const each of principals) this.#places.giveBack(each);
    });
  }
}
