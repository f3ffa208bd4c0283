import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { allCases, caseNamed, withCeilings } from "./all-cases.ts";
import type { Case } from "./case.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { payloadBytes } from "./payload.ts";
import { describeProfiles, profileOptions } from "./profile.ts";
import { type CaseReport, summarize, table } from "./report.ts";
import { runCase } from "./run-case.ts";

const usage = `npm run bench -- [CASE …] [--alone] [--quick] [--rounds N] [--json FILE] [--profile DIRECTORY]

  --alone      only the cases that are named, without their ceilings
  --quick      a minute or two in all: shows that everything runs, the figures say little
  --rounds N   measured rounds of each case, after the warm-up; default 5, with --quick 2
  --json FILE  writes every figure of every round, with the machine
  --profile DIRECTORY
               runs one case, writes what every thread of the server and of the clients spent its time on as .cpuprofile,
               and prints the functions that took most; the figures are lower than without

Cases:
${allCases.map(({ name, what }) => `  ${name.padEnd(16)} ${what}`).join("\n")}`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      alone: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      json: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, json, profile } = values;
  const rounds = Number(values.rounds ?? (quick ? 2 : 5));
  const refusal = refusalOf(positionals, rounds, profile);
  if (values.help || refusal !== null) {
    console.error(refusal === null ? usage : `${refusal}\n\n${usage}`);
    return values.help ? 0 : 2;
  }

  const machine = describeMachine();
  console.log(
    `${machineLine(machine)}\npayloads of ${payloadBytes} bytes, ${rounds} rounds${quick ? ", quick" : ""}\n`,
  );
  // Every process that is started from here on writes one.
  if (profile !== undefined) process.env.NODE_OPTIONS = profileOptions(resolve(profile));
  const reports: CaseReport[] = [];
  for (const each of chosenCases(positionals, values.alone || profile !== undefined)) {
    const say = (progress: string) => console.error(`${each.name}: ${progress}`);
    say(each.what);
    reports.push(summarize(each, await runCase(each, { rounds, quick, say }), reports));
  }
  console.log(`\n${table(reports)}`);
  if (profile !== undefined) console.log(`\n${describeProfiles(resolve(profile))}`);
  if (json !== undefined) {
    mkdirSync(dirname(json), { recursive: true });
    writeFileSync(json, `${JSON.stringify({ machine, payloadBytes, rounds, quick, cases: reports }, null, 2)}\n`);
  }
  const unmeasured = reports.filter(({ figures }) => figures.some(({ median }) => Number.isNaN(median)));
  for (const { name } of unmeasured) console.error(`${name}: a figure is no number`);
  return unmeasured.length === 0 ? 0 : 1;
}

/** What is wrong with the arguments; `null`: nothing. */
function refusalOf(names: readonly string[], rounds: number, profile: string | undefined): string | null {
  const unknown = names.filter((name) => caseNamed(name) === undefined);
  if (unknown.length > 0) return `There is no case ${unknown.join(", ")}.`;
  if (!Number.isInteger(rounds) || rounds < 1) return "--rounds takes a whole number from 1 on.";
  if (profile !== undefined && names.length !== 1) return "--profile takes one case.";
  return null;
}

function chosenCases(names: readonly string[], alone: boolean): readonly Case[] {
  if (names.length === 0) return allCases;
  return alone ? allCases.filter(({ name }) => names.includes(name)) : withCeilings(names);
}
