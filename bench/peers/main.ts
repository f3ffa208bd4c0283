import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine, machineLine } from "../machine.ts";
import { payloadBytes } from "../payload.ts";
import { allPeers, peerNamed } from "./all-peers.ts";
import { compare } from "./compare.ts";
import type { Peer } from "./peer.ts";
import { exitCodeOf } from "./processes/process-scope.ts";
import { docsTable, peersTable, readmeTable, rowsJson } from "./report.ts";

const usage = `npm run bench:peers -- [--peers NAME,…] [--synced] [--rounds N] [--quick] [--json FILE] [--markdown]

Does the same work with sitq and with the other systems that are installed, each on a server of its own on 127.0.0.1, and prints one
table: enqueues one by one with 64 in flight, in batches of 100 with 4 in flight, a drain by one worker process with 64 and with
256 in flight, and the delay from enqueue to handler on an idle system. All systems take turns in each round.

  --peers a,b    only these systems; default: all
  --synced       each system only with the strongest of its settings
  --rounds N     rounds; the table has their medians; default 3, with --quick 1
  --quick        shows that everything runs, the figures say little
  --json FILE    writes every round, with the versions and the machine
  --markdown     also prints the tables of docs/performance.md and README.md
  --help

A server is found on the PATH, or where Debian puts it. The client packages are installed at the first run, by the lockfile in
bench/peers/clients. A round takes about half a minute a row, of which there are 15 with everything installed.

Systems:
${allPeers.map(({ name, howToGet }) => `  ${name.padEnd(16)} ${howToGet}`).join("\n")}

Examples:
  npm run bench:peers -- --quick
  npm run bench:peers -- --peers sitq,rabbitmq,nats --rounds 3
  npm run bench:peers -- --peers sitq,sitq-postgres,pg-boss,graphile-worker,river --synced
  npm run bench:peers -- --json results/peers.json --markdown`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      peers: { type: "string" },
      synced: { type: "boolean", default: false },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, json, markdown } = values;
  const names = values.peers?.split(",") ?? allPeers.map(({ name }) => name);
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const refusal = refusalOf(names, rounds);
  if (values.help || refusal !== null) {
    console.error(refusal === null ? usage : `${refusal}\n\n${usage}`);
    return values.help ? 0 : 2;
  }

  const machine = describeMachine();
  console.log(
    `${machineLine(machine)}\npayloads of ${payloadBytes} bytes, ${rounds} rounds${quick ? ", quick" : ""}\n`,
  );
  const stop = new AbortController();
  let signalled: NodeJS.Signals | null = null;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // More of them change nothing: what was started is being ended.
    process.on(signal, () => {
      signalled ??= signal;
      stop.abort();
    });
  }
  try {
    const chosen = allPeers.filter(({ name }) => names.includes(name));
    const peers = values.synced ? chosen.map(strongest) : chosen;
    const rows = await compare({ peers, rounds, quick, signal: stop.signal, say: (text) => console.error(text) });
    console.log(peersTable(rows));
    if (markdown) {
      const measured = `Measured on ${machine.time.slice(0, 10)} at commit ${machine.commit}, medians of ${rounds} rounds, on ${machine.cpu} with ${machine.cores} cores.`;
      console.log(`\ndocs/performance.md:\n\n${measured}\n\n${docsTable(rows)}\n\nREADME.md:\n\n${readmeTable(rows)}`);
    }
    if (json !== undefined) {
      mkdirSync(dirname(json), { recursive: true });
      writeFileSync(
        json,
        `${JSON.stringify({ machine, payloadBytes, rounds, quick, rows: rowsJson(rows) }, null, 2)}\n`,
      );
    }
    return rows.some(({ failure }) => failure !== null) ? 1 : 0;
  } catch (error) {
    if (signalled === null) throw error;
    console.error(`ended by ${signalled}; nothing that was started is left`);
    return exitCodeOf(signalled);
  }
}

/** A system with the last of its settings alone. */
function strongest(peer: Peer): Peer {
  return { ...peer, durabilities: peer.durabilities.slice(-1) };
}

/** What is wrong with the arguments; `null`: nothing. */
function refusalOf(names: readonly string[], rounds: number): string | null {
  const unknown = names.filter((name) => peerNamed(name) === undefined);
  if (unknown.length > 0) return `There is no system ${unknown.join(", ")}.`;
  if (!Number.isInteger(rounds) || rounds < 1) return "--rounds takes a whole number from 1 on.";
  return null;
}
