import { judge, type Verdict } from "./judge/judge.ts";
import { languages } from "./languages.ts";
import { rules } from "./rules/rules.ts";
import { writeTable } from "./table.ts";

const usage = `npm run conformance -- [--rule ID …] [--without ID …] [--jobs N] PROGRAM [ARGUMENT …]
npm run conformance -- --table [LANGUAGE …]

Judges whether a program keeps the rules of docs/protocol.md and docs/errors.md. conformance/README.md says what the program has to do.
Ends with 1 if it breaks a rule.

  --rule ID     only this rule; can be repeated
  --without ID  not this rule; can be repeated
  --jobs N      how many rules are tried at a time; default 6
  --verbose     shows the transcript of rules that are kept, too
  --list        prints the rules
  --table       judges the clients of this repository, or those of some languages, and writes docs/conformance.md`;

/** What stands before the program. */
interface Arguments {
  readonly only: readonly string[];
  readonly without: readonly string[];
  readonly jobs: number;
  readonly list: boolean;
  readonly table: boolean;
  readonly verbose: boolean;
  readonly command: readonly string[];
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const read = readArguments(args);
  if (read === null) {
    console.error(usage);
    return 2;
  }
  const { only, without, jobs, verbose, command } = read;
  const unknown = [...only, ...without].filter((id) => rules.every((rule) => rule.id !== id));
  if (unknown.length > 0) {
    console.error(`There is no rule ${unknown.join(", ")}. See --list.`);
    return 2;
  }
  if (read.list) {
    for (const { id, sentence, section } of rules) console.log(`${id.padEnd(26)} ${sentence} (${section})`);
    return 0;
  }
  const onVerdict = (verdict: Verdict) => console.log(verdictText(verdict, verbose));
  if (read.table) {
    const others = command.filter((name) => languages.every((language) => language.name !== name));
    if (others.length > 0) {
      console.error(`There is no client for ${others.join(", ")}. See conformance/languages.ts.`);
      return 2;
    }
    const isStrict = process.env.CI === "true";
    return (await writeTable({ rules, names: command, atATime: jobs, onVerdict, say: console.log, isStrict })) ? 0 : 1;
  }
  const chosen = rules.filter(({ id }) => !without.includes(id) && (only.length === 0 || only.includes(id)));
  const beganMs = performance.now();
  const verdicts = await judge(command, { rules: chosen, atATime: jobs, onVerdict });
  const broken = verdicts.filter(({ complaint }) => complaint !== null);
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
  console.log(`\n${verdicts.length - broken.length} of ${verdicts.length} rules are kept, in ${seconds} s.`);
  if (broken.length > 0) console.log(`Broken: ${broken.map(({ rule }) => rule.id).join(", ")}`);
  return broken.length === 0 ? 0 : 1;
}

/** Reads what stands before the program; `null`: it is wrong. */
function readArguments(args: readonly string[]): Arguments | null {
  const flags = { "--list": false, "--table": false, "--verbose": false };
  const lists: Record<string, string[]> = { "--rule": [], "--without": [], "--jobs": [] };
  let index = 0;
  for (; args[index]?.startsWith("--"); index++) {
    const name = args[index] ?? "";
    const list = lists[name];
    if (name in flags) flags[name as keyof typeof flags] = true;
    else if (list === undefined || args[index + 1] === undefined) return null;
    else list.push(args[++index] ?? "");
  }
  const { "--list": list, "--table": table, "--verbose": verbose } = flags;
  const { "--rule": only = [], "--without": without = [], "--jobs": jobs = [] } = lists;
  const command = args.slice(index);
  const isWhole = list || table || command.length > 0;
  const atATime = Number(jobs.at(-1) ?? 6);
  if (!isWhole || !Number.isInteger(atATime) || atATime < 1) return null;
  return { only, without, jobs: atATime, list, table, verbose, command };
}

function verdictText({ rule, complaint, transcript, errors }: Verdict, verbose: boolean): string {
  if (complaint === null && !verbose) return `passed  ${rule.id}`;
  const lines = [
    complaint === null ? `passed  ${rule.id}` : `FAILED  ${rule.id}: ${complaint}`,
    `        ${rule.sentence} (docs/${rule.section})`,
    ...transcript.map((line) => `    ${line}`),
  ];
  if (errors !== "")
    lines.push(
      "    standard error:",
      ...errors
        .trimEnd()
        .split("\n")
        .map((line) => `      ${line}`),
    );
  return lines.join("\n");
}
