import { prepare } from "../../conformance/toolchain.ts";
import { installClients } from "./client-packages.ts";
import { type Measured, measureRow } from "./measure-row.ts";
import type { Durability, Peer } from "./peer.ts";

/** What is compared. */
export interface CompareOptions {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly quick: boolean;
  /** Ends everything that was started, and the comparison with the reason of the signal. */
  readonly signal: AbortSignal;
  /** Told how far it is. */
  readonly say: (progress: string) => void;
}

/** What became of a row of the table: of a system with one of its settings. */
export interface RowReport {
  readonly peer: Peer;
  readonly durability: Durability;
  /** The version of the server; `null`: it is not installed. */
  readonly version: string | null;
  /** Why it could not be measured; `null`: it was, or it is not installed. */
  failure: string | null;
  readonly rounds: Measured[];
}

/** Measures every installed system, all of them in turn in each round, so that the machine's mood hits all alike. */
export async function compare({ peers, rounds, quick, signal, say }: CompareOptions): Promise<RowReport[]> {
  const versions = await Promise.all(peers.map((peer) => peer.version()));
  const rows = peers.flatMap((peer, index) =>
    peer.durabilities.map((durability): RowReport => {
      return { peer, durability, version: versions[index] ?? null, failure: null, rounds: [] };
    }),
  );
  if (rows.some(({ peer, version }) => version !== null && peer.clientPackage !== null)) {
    say("installing the client packages, unless they are there");
    await installClients();
  }
  for (const { program } of peers) {
    if (program === undefined) continue;
    const missing = prepare(program);
    for (const row of rows) if (row.peer.program === program) row.failure ??= missing;
  }
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      if (row.failure !== null || row.version === null) continue;
      const { peer, durability, version } = row;
      const name = `round ${round}: ${peer.title}, ${durability.setting}`;
      try {
        const measured = await measureRow({ peer, durability, version }, quick, signal);
        row.rounds.push(measured);
        say(`${name}: ${line(measured)}`);
      } catch (error) {
        signal.throwIfAborted();
        row.failure = error instanceof Error ? error.message : String(error);
        say(`${name}: ${row.failure}`);
      }
    }
  }
  return rows;
}

function line(measured: Measured): string {
  return Object.entries(measured)
    .map(([name, value]) => `${name} ${value.toLocaleString("en", { maximumSignificantDigits: 3 })}`)
    .join(", ");
}
