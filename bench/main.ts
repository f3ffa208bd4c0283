import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { allCases, caseNamed } from "./all-cases.ts";
import type { Case } from "./case.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { payloadBytes } from "./payload.ts";
import { type CaseReport, summarize, table } from "./report.ts";
import { runCase } from "./run-case.ts";

const usage = `npm run bench -- [CASE …] [--quick] [--rounds N] [--json FILE]

  --quick      a few seconds in all: shows that everything runs, the figures say little
  --rounds N   measured rounds of each case, after the warm-up; default 5, with --quick 2
  --json FILE  writes every figure of every round, with the machine

Cases:
${allCases.map(({ name, what }) => `  ${name.padEnd(16)} ${what}`).join("\n")}`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, json } = values;
  const rounds = Number(values.rounds ?? (quick ? 2 : 5));
  const unknown = positionals.filter((name) => caseNamed(name) === undefined);
  if (values.help || unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    console.error(unknown.length > 0 ? `There is no case ${unknown.join(", ")}.\n\n${usage}` : usage);
    return values.help ? 0 : 2;
  }
  const chosen: readonly Case[] =
    positionals.length === 0 ? allCases : allCases.filter(({ name }) => positionals.includes(name));

  const machine = describeMachine();
  console.log(
    `${machineLine(machine)}\npayloads of ${payloadBytes} bytes, ${rounds} rounds${quick ? ", quick" : ""}\n`,
  );
  const reports: CaseReport[] = [];
  for (const each of chosen) {
    const say = (progress: string) => console.error(`${each.name}: ${progress}`);
    say(each.what);
    reports.push(summarize(each, await runCase(each, { rounds, quick, say })));
  }
  console.log(`\n${table(reports)}`);
  if (json !== undefined) {
    mkdirSync(dirname(json), { recursive: true });
    writeFileSync(json, `${JSON.stringify({ machine, payloadBytes, rounds, quick, cases: reports }, null, 2)}\n`);
  }
  return 0;
}
