import type { Command } from "commander";
import { wrongUsage } from "./command-failure.ts";

/**
 * Answers words that there is no command for below one, such as `context add`, where `set` is meant: no spelling error leads there.
 *
 * @param words the name of the command that is meant, by each word that other programs have for it
 */
export function answerOtherWords(command: Command, words: Readonly<Record<string, string>>): void {
  command.on("command:*", ([word = ""]: readonly string[]) => {
    const names = command.commands.map((below) => below.name()).join(", ");
    const meant = words[word] === undefined ? `There are: ${names}.` : `Did you mean ${words[word]}?`;
    throw wrongUsage(`unknown command '${word}'`, { hint: `${meant} See: sitq ${command.name()} --help` });
  });
}
