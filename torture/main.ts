import { parseArgs } from "node:util";
import { clock } from "./clock/clock.ts";
import { disk } from "./disk.ts";
import { feed } from "./feed/feed.ts";
import { frames } from "./frames.ts";
import { kill } from "./kill.ts";
import { power } from "./power/power.ts";
import { syscalls } from "./syscalls.ts";
import { storeKinds, type Torture, type TortureResult } from "./torture.ts";

const all: readonly Torture[] = [kill, feed, power, syscalls, frames, clock, disk];

const usage = `npm run torture -- NAME … [--minutes N] [--seed N]

Hurts real servers on loopback and judges what they do. Ends with 1 if anything is found that must not be.

  --minutes N  how long each one goes on; default 1
  --store S    where the servers of kill keep their data: sqlite (default) or postgres, which is started for it; feed needs postgres
  --kills N    how often kill kills a server in each of its runs; default: 10 or 20
  --servers N  how many servers of kill share the database; default 1
  --events N   how many events feed stores, however long that takes; default: as many as there is time for
  --seed N     makes the same choices again; default: drawn, and printed

Names, or all:
${all.map(({ name, what }) => `  ${name.padEnd(10)} ${what}`).join("\n")}

Examples:
  npm run torture -- kill --minutes 30
  npm run torture -- kill --store postgres --minutes 30
  npm run torture -- kill --store postgres --servers 3 --minutes 30
  npm run torture -- feed --store postgres --events 1000000
  npm run torture -- all --minutes 0.5`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string" },
      store: { type: "string", default: "sqlite" },
      kills: { type: "string" },
      events: { type: "string" },
      servers: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const minutes = Number(values.minutes);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
  const kills = wholeNumber(values.kills, 1_000);
  const events = wholeNumber(values.events, 1_000_000_000);
  const servers = wholeNumber(values.servers, 20);
  const unknown = positionals.filter((name) => name !== "all" && !all.some((torture) => torture.name === name));
  const store = storeKinds.find((kind) => kind === values.store);
  const isWrong =
    positionals.length === 0 ||
    unknown.length > 0 ||
    !(minutes > 0 && minutes <= 600) ||
    Number.isNaN(seed) ||
    [kills, events, servers].some(Number.isNaN) ||
    (store === "sqlite" && (servers ?? 1) > 1);
  if (values.help || isWrong || store === undefined) {
    if (unknown.length > 0) console.error(`There is no torture ${unknown.join(", ")}.\n`);
    console.error(usage);
    return values.help ? 0 : 2;
  }

  let failed = 0;
  for (const torture of all.filter(({ name }) => positionals.includes("all") || positionals.includes(name))) {
    const why = torture.missing(store);
    if (why !== null) {
      console.log(`${torture.name}: SKIPPED: ${why}.`);
      continue;
    }
    const say = (progress: string) => console.error(`${torture.name}: ${progress}`);
    say(torture.what);
    const untilMs = performance.now() + minutes * 60_000;
    const result = await torture.run({ untilMs, seed, store, kills, events, servers, say });
    console.log(report(torture.name, seed, result));
    if (result.faults.length > 0) failed++;
  }
  return failed === 0 ? 0 : 1;
}

/** @returns NaN: it is none from 1 to `most` */
function wholeNumber(text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= most ? number : Number.NaN;
}

function report(name: string, seed: number, { counts, faults }: TortureResult): string {
  const verdict = faults.length === 0 ? "stands" : `${faults.length} faults`;
  const lines = [
    `${name}: ${verdict} (seed ${seed})`,
    ...Object.entries(counts).map(([what, count]) => `  ${String(count).padStart(9)}  ${what}`),
    ...faults.slice(0, 20).map((fault) => `  FAULT ${fault}`),
  ];
  if (faults.length > 20) lines.push(`  and ${faults.length - 20} more`);
  return lines.join("\n");
}
