import type { Command, Option } from "commander";

/** A word that may follow, and what it does. */
export interface Word {
  readonly text: string;
  readonly does: string;
}

/** An option that may follow. */
export interface OptionWord extends Word {
  /** It takes a value. */
  readonly takesValue: boolean;
  /** The values that there are; empty: any. */
  readonly choices: readonly string[];
}

/** What may stand behind the words of a command. */
export interface Place {
  /** The words after `sitq`, each after a slash: `/workflows/show`; empty: behind `sitq` itself. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly OptionWord[];
}

/** Every place of a program, itself first. */
export function placesOf(program: Command): Place[] {
  const everywhere = program.options.filter(({ long }) => long !== "--version");
  const below = (command: Command, path: string, shared: readonly Option[]): Place[] => {
    const { commands } = command;
    const own = command.options.filter(({ hidden }) => !hidden);
    const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
    const words = [
      ...commands.map((each) => ({ text: each.name(), does: each.summary() || each.description() })),
      ...choices.map((text) => ({ text, does: "" })),
    ];
    const options = [...own, ...shared].flatMap(optionWords);
    return [{ path, words, options }, ...commands.flatMap((each) => below(each, `${path}/${each.name()}`, everywhere))];
  };
  return below(program, "", []);
}

function optionWords({ short, long, description, required, optional, argChoices = [] }: Option): OptionWord[] {
  const takesValue = required || optional;
  const texts = [long, short].filter((text) => text !== undefined && text !== null);
  return texts.map((text) => ({ text, does: description, takesValue, choices: argChoices }));
}
