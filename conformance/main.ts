import { judge, type Verdict } from "./judge/judge.ts";
import { rules } from "./rules/rules.ts";

const usage = `npm run conformance -- [--rule ID …] [--jobs N] PROGRAM [ARGUMENT …]

Judges whether a program keeps the rules of docs/protocol.md and docs/errors.md. conformance/README.md says what the program has to do.
Ends with 1 if it breaks a rule.

  --rule ID   only this rule; can be repeated
  --jobs N    how many rules are tried at a time; default 6
  --verbose   shows the transcript of rules that are kept, too
  --list      prints the rules`;

/** What stands before the program. */
interface Arguments {
  readonly ids: readonly string[];
  readonly jobs: number;
  readonly list: boolean;
  readonly verbose: boolean;
  readonly command: readonly string[];
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const read = readArguments(args);
  const unknown = read?.ids.filter((id) => rules.every((rule) => rule.id !== id)) ?? [];
  if (read?.list) {
    for (const { id, sentence, section } of rules) console.log(`${id.padEnd(26)} ${sentence} (${section})`);
    return 0;
  }
  if (read === null || unknown.length > 0 || read.command.length === 0) {
    if (unknown.length > 0) console.error(`There is no rule ${unknown.join(", ")}.\n`);
    console.error(usage);
    return 2;
  }
  const chosen = read.ids.length === 0 ? rules : rules.filter(({ id }) => read.ids.includes(id));
  const beganMs = performance.now();
  const onVerdict = (verdict: Verdict) => console.log(verdictText(verdict, read.verbose));
  const verdicts = await judge(read.command, { rules: chosen, atATime: read.jobs, onVerdict });
  const broken = verdicts.filter(({ complaint }) => complaint !== null);
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
  console.log(`\n${verdicts.length - broken.length} of ${verdicts.length} rules are kept, in ${seconds} s.`);
  if (broken.length > 0) console.log(`Broken: ${broken.map(({ rule }) => rule.id).join(", ")}`);
  return broken.length === 0 ? 0 : 1;
}

/** Reads what stands before the program; `null`: it is wrong. */
function readArguments(args: readonly string[]): Arguments | null {
  const ids: string[] = [];
  let jobs = 6;
  let list = false;
  let verbose = false;
  let index = 0;
  for (; args[index]?.startsWith("--"); index++) {
    const value = args[index + 1] ?? "";
    if (args[index] === "--list") list = true;
    else if (args[index] === "--verbose") verbose = true;
    else if (args[index] === "--rule" && value !== "") ids.push(value);
    else if (args[index] === "--jobs" && Number(value) >= 1) jobs = Math.floor(Number(value));
    else return null;
    if (args[index] === "--rule" || args[index] === "--jobs") index++;
  }
  return { ids, jobs, list, verbose, command: args.slice(index) };
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
