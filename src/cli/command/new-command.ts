import { Command } from "commander";

/** A line to try, without `sitq` before it, and what it does. */
export type Example = readonly [line: string, what: string];

/** What a command's help says. */
export interface CommandHelp {
  /** Its arguments, as commander reads them: `<queue> [payload]`. Default: none. */
  readonly takes?: string;
  /** What it does, in a few words; a line of the list of commands. */
  readonly does: string;
  /** What else one has to know, in sentences. */
  readonly notes?: string;
  readonly examples: readonly Example[];
}

/** Makes a command with its help. */
export function newCommand(name: string, { takes = "", does, notes, examples }: CommandHelp): Command {
  const sentence = `${does.charAt(0).toUpperCase()}${does.slice(1)}.`;
  const command = new Command(name)
    .summary(does)
    .description(notes === undefined ? sentence : `${sentence}\n${flowing(notes)}`);
  if (takes !== "") command.arguments(takes);
  return command.addHelpText("after", exampleText(examples));
}

/** Sentences as one paragraph, which the help wraps to its width: where their source ends a line says nothing. */
function flowing(notes: string): string {
  return notes.replaceAll("\n", " ");
}

/** The width of a terminal: what does not fit beside its line stands above it. */
const lineWidth = 80;

function exampleText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const beside = examples.map(([line, what]) => `  sitq ${line.padEnd(width)}  # ${what}`);
  const isNarrow = beside.every((line) => line.length <= lineWidth);
  const lines = isNarrow ? beside : examples.flatMap(([line, what]) => [`  # ${what}`, `  sitq ${line}`]);
  return `\nExamples:\n${lines.join("\n")}`;
}
