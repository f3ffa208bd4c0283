import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ShellName } from "../../../src/cli/completion/scripts.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { sitq } from "../cli-harness.ts";

/** Asks a shell what it would offer; each word of it is an answer. */
const asked: Readonly<Record<ShellName, (script: string, line: readonly string[]) => readonly [string, string[]]>> = {
  bash: (script, line) => [
    "bash",
    [
      "--norc",
      "-c",
      `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sitq; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "-",
      ...line,
    ],
  ],
  // What zsh itself would add as candidates is printed instead.
  zsh: (script, line) => [
    "zsh",
    [
      "-f",
      "-c",
      `compdef() { :; }; _files() { print FILES; }
       _describe() { local each; for each in \${(P)2}; do each=\${each%%:*}; [[ $each == $PREFIX* ]] && print -r -- $each; done; return 0; }
       compadd() { shift; print -rl -- "$@"; }
       source ${script}; words=("$@"); CURRENT=$#; PREFIX=\${words[-1]}; _sitq`,
      "-",
      ...line,
    ],
  ],
  fish: (script, line) => ["fish", ["--no-config", "-c", `source ${script}; complete -C '${line.join(" ")}'`]],
};

describe.each(Object.keys(asked) as ShellName[])("the completion for %s", (shell) => {
  const isThere = spawnSync(shell, ["--version"]).error === undefined;

  it.skipIf(!isThere)("offers what may follow", async () => {
    const { exitCode, stdout } = await sitq(["completion", shell]);
    expect(exitCode).toBe(0);
    await using dir = await createTempDir();
    const script = dir.file("script");
    writeFileSync(script, stdout);
    const offers = (...line: string[]) =>
      execFileSync(...asked[shell](script, ["sitq", ...line]))
        .toString()
        .split("\n")
        .map((each) => each.split("\t")[0] ?? "")
        .filter((each) => each !== "")
        .sort();
    expect(offers("wor")).toEqual(["work", "workers", "workflows"]);
    expect(offers("workflows", "sho")).toEqual(["show"]);
    expect(offers("--json", "workflows", "sho")).toEqual(["show"]);
    expect(offers("list", "--cor")).toEqual(["--correlation-id"]);
    expect(offers("completion", "")).toEqual(expect.arrayContaining(["bash", "fish", "zsh"]));
    expect(offers("list", "--addr")).toEqual(["--address"]);
    // A word that is no command of its own place leads nowhere.
    expect(offers("show", "wor")).not.toContain("show");
  });
});
