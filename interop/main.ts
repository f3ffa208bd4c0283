import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { prepare } from "../conformance/toolchain.ts";
import { behaviours } from "./behaviours/behaviours.ts";
import { type Client, clients } from "./clients.ts";
import { judge, type Verdict } from "./judge.ts";
import { type Column, interopPage, type Mark, marksIn, rows } from "./page.ts";

const usage = `npm run interop -- [--row ID …] [--jobs N] [--table] [LANGUAGE …]

Tries clients of gRPC with what sitq sends them by xDS; without a language all of them. interop/README.md says how.
Ends with 1 if one does not do what docs/interop.md says.

  --row ID   only this behaviour; can be repeated
  --jobs N   how many clients are tried at a time; default 3
  --table    writes docs/interop.md`;

/** Where the table is kept. */
const pagePath = "docs/interop.md";

/** How a client reached the server, in words. */
const ways = { plaintext: "in plaintext", certificate: "over TLS, with a certificate", token: "over TLS, with a JWT" };

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (asked === null) {
    console.error(usage);
    return 2;
  }
  const { chosen, only, jobs, table } = asked;
  const beganMs = performance.now();
  const before = readFileSync(pagePath, "utf8");
  const found = new Map<Client, readonly Verdict[]>();
  let isWhole = true;
  const waiting = [...chosen];
  const built = waiting.filter((client) => {
    const missing = prepare(client);
    if (missing === null) return true;
    console.log(`SKIPPED ${client.name}: ${missing}.`);
    if (process.env.CI === "true") isWhole = false;
    return false;
  });
  const builtMs = performance.now();
  async function lane(): Promise<void> {
    for (let client = built.shift(); client !== undefined; client = built.shift()) {
      found.set(client, await judge(client, { only, onVerdict: (verdict) => console.log(verdictText(verdict)) }));
    }
  }
  await Promise.all(Array.from({ length: jobs }, lane));

  const columns = clients.map((client): Column => {
    const verdicts = found.get(client);
    return { ...client, marks: verdicts === undefined ? marksIn(before, client.name) : marksOf(verdicts) };
  });
  for (const [{ name, deviations }, verdicts] of found) {
    for (const [id, mark] of marksOf(verdicts)) {
      const expected = deviations[id] === undefined ? "yes" : "no";
      if (mark === expected) continue;
      isWhole = false;
      console.log(`${mark === "no" ? "BROKEN" : "NOW IT DOES"}: ${name}, ${id} (interop/clients.ts)`);
    }
  }
  const page = interopPage(columns);
  if (table) writeFileSync(pagePath, page);
  console.log(`\n${page.slice(page.indexOf("| row"))}`);
  const secondsFrom = (ms: number) => ((performance.now() - ms) / 1_000).toFixed(0);
  console.log(`Tried in ${secondsFrom(builtMs)} s; built in ${((builtMs - beganMs) / 1_000).toFixed(0)} s.`);
  return isWhole ? 0 : 1;
}

/** `null`: they are wrong. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        row: { type: "string", multiple: true, default: [] },
        jobs: { type: "string", default: "3" },
        table: { type: "boolean", default: false },
      },
    });
    const jobs = Number(values.jobs);
    const chosen = clients.filter(({ language }) => positionals.length === 0 || positionals.includes(language));
    const isKnown = positionals.every((name) => clients.some(({ language }) => language === name));
    const areRows = values.row.every((id) => behaviours.some((behaviour) => behaviour.id === id));
    // A table of some rows would leave the others empty.
    const isWhole = !values.table || values.row.length === 0;
    if (!isKnown || !areRows || !isWhole || !Number.isInteger(jobs) || jobs < 1) return null;
    return { chosen, only: values.row, jobs, table: values.table };
  } catch {
    return null;
  }
}

/** By the rows of the table. A row of a behaviour is of plaintext. */
function marksOf(verdicts: readonly Verdict[]): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const { id } of rows) {
    const those = verdicts.filter(({ security, behaviour }) => {
      if (security === "plaintext") return behaviour.id === id;
      return id === (security === "certificate" ? "tls" : "token");
    });
    if (those.length > 0) marks.set(id, those.every(({ complaint }) => complaint === null) ? "yes" : "no");
  }
  return marks;
}

function verdictText({ client, security, behaviour, complaint, measured, errors }: Verdict): string {
  const what = `${client.name}  ${behaviour.id}, ${ways[security]}`;
  const seen = measured.length === 0 ? "" : `: ${measured.join(", ")}`;
  if (complaint === null) return `yes  ${what}${seen}`;
  const lines = errors
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "");
  return [`no   ${what}: ${complaint}`, ...lines.map((line) => `       ${line}`)].join("\n");
}
