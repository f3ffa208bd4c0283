import { peerAddress } from "../../domain/access/peer-address.ts";
import { tooManyWatchers } from "../../domain/refusals/server.ts";
import { clientNetwork } from "./client-network.ts";
import { Places } from "./places.ts";

/**
 * Bounds the streams that ask for no credentials, watches of health and reflection, for each client address: they have no principal,
 * and each takes some 13 KiB of memory for as long as it is open.
 */
export class AddressWatchers {
  readonly #most: number;
  readonly #places: Places;

  /** @param most how many an address may have open at a time; of IPv6 a network of 64 bits */
  constructor(most: number) {
    this.#most = most;
    this.#places = new Places(most);
  }

  /**
   * Takes a place.
   *
   * @param peer the client's `address:port`
   * @returns gives it back
   * @throws SitqError TOO_MANY_WATCHERS
   */
  take(peer: string): () => void {
    const network = clientNetwork(peerAddress(peer));
    if (!this.#places.take(network)) throw tooManyWatchers("address", this.#most);
    return () => this.#places.giveBack(network);
  }
}
