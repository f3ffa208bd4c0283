import { status as statusCode } from "@grpc/grpc-js";
import type { CallError } from "../../grpc/client/call-error.ts";
import { noRoom } from "../../grpc/client/unreached.ts";

/** One use of a server, from when it was chosen until it is left. */
export interface Stay {
  readonly address: string;
}

/** What a choice is made of. */
export interface ServerChoiceOptions {
  /** The servers, each address once. */
  readonly addresses: readonly string[];
  /** Called when another server is used, which was not left a moment ago, and why. Default: nothing is. */
  readonly onMove?: (from: string, to: string, why: CallError) => void;
  /** From 0 (inclusive) to 1 (exclusive). Default: Math.random. */
  readonly random?: () => number;
}

/**
 * For how long a server that was left is tried again only after a delay, in milliseconds: in that time every other one has been tried, and a
 * server that stops is not exchanged for another that stops.
 */
const leftMs = 2_000;

/** What servers say that cannot serve anybody, and others can. */
const illReasons: readonly (string | null)[] = ["DRAINING", "STORE_FAILED", "STORE_UNREACHABLE", "SERVER_SILENT"];

/** Whether a failure is one of its server, so that another one is called: it was not reached, its connection is gone, or it is ill or stopping. */
export function isOfServer({ code, reason, unreached }: CallError): boolean {
  if (illReasons.includes(reason)) return true;
  if (unreached === null || unreached.why === noRoom) return false;
  // A call's own deadline says nothing of a server that it was sent to.
  return code !== statusCode.DEADLINE_EXCEEDED || !unreached.maybeSent;
}

/**
 * Which of the servers that share their data a client calls: one, as long as it works. The order is random, so that the clients of a fleet
 * spread.
 */
export class ServerChoice {
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
  readonly #onMove: NonNullable<ServerChoiceOptions["onMove"]>;
  /** When each was left last, by `performance.now()`. */
  readonly #leftAtMs = new Map<string, number>();
  #current: Stay;
  #isClosed = false;

  constructor({ addresses, onMove = () => undefined, random = Math.random }: ServerChoiceOptions) {
    this.addresses = shuffled(addresses, random);
    this.#onMove = onMove;
    this.#current = { address: this.addresses[0] as string };
  }

  /** The server that is called now. */
  get current(): Stay {
    return this.#current;
  }

  /** Whether the server that is called now was not left a moment ago, so that it can be tried without a delay. */
  get isFresh(): boolean {
    return this.#isFresh(this.#current.address);
  }

  /** Whether there is another server that can be tried without a delay. */
  get hasFreshOther(): boolean {
    return this.addresses.some((address) => address !== this.#current.address && this.#isFresh(address));
  }

  /** Calls another server from now on, unless this one was left before, or is the only one. @param why its failure */
  leave(stay: Stay, why: CallError): void {
    if (stay !== this.#current || this.addresses.length === 1 || this.#isClosed) return;
    this.#leftAtMs.set(stay.address, performance.now());
    const place = this.addresses.indexOf(stay.address);
    const others = [...this.addresses.slice(place + 1), ...this.addresses.slice(0, place)];
    const address = others.find((each) => this.#isFresh(each)) ?? (others[0] as string);
    this.#current = { address };
    if (this.isFresh) this.#onMove(stay.address, address, why);
  }

  /** Stays from now on: the calls of a client that is closed fail for that. Idempotent. */
  close(): void {
    this.#isClosed = true;
  }

  #isFresh(address: string): boolean {
    return performance.now() - (this.#leftAtMs.get(address) ?? Number.NEGATIVE_INFINITY) > leftMs;
  }
}

/** By Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    [all[last], all[at]] = [all[at] as T, all[last] as T];
  }
  return all;
}
