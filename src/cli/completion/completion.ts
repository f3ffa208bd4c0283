import { Argument, type Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import type { Shell } from "../terminal/shell.ts";
import { completionScripts, type ShellName, shells } from "./scripts.ts";
import { placesOf } from "./words.ts";

/** The command `sitq completion`: a script that completes the words of its program, of which every command must be there. */
export function completionCommand(shell: Shell): Command {
  const command = newCommand("completion", {
    does: "print the completion for a shell",
    notes: "The script holds every command and option: print it again after an upgrade.",
    examples: [
      ["completion bash > ~/.local/share/bash-completion/completions/sitq", "bash"],
      ["completion zsh > ~/.zfunc/_sitq", "zsh, with fpath+=(~/.zfunc) before compinit"],
      ["completion fish > ~/.config/fish/completions/sitq.fish", "fish"],
    ],
  });
  command.addArgument(new Argument("<shell>", "the shell").choices(shells));
  return command.action((name: ShellName) => {
    if (command.parent === null) throw new Error("The command has no program.");
    shell.stdout.write(completionScripts[name](placesOf(command.parent)));
  });
}
