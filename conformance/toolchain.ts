import { spawnSync } from "node:child_process";

/** A program in some language. */
export interface BuiltProgram {
  /** The language. */
  readonly name: string;
  /** A command that succeeds where the language's toolchain is installed; `null`: Node is enough. */
  readonly toolchain: readonly string[] | null;
  /** A command that builds the program or installs what it needs; `null`: there is nothing to build. */
  readonly build: readonly string[] | null;
}

/** Builds a program. Answers why it cannot be run here; `null`: it can. @throws Error if it cannot be built */
export function prepare({ name, toolchain, build }: BuiltProgram): string | null {
  if (toolchain !== null && !succeeds(toolchain, "ignore")) return `${toolchain[0]} is not installed`;
  if (build !== null && !succeeds(build, "inherit")) throw new Error(`the program of ${name} cannot be built`);
  return null;
}

function succeeds([program = "", ...args]: readonly string[], stdio: "ignore" | "inherit"): boolean {
  return spawnSync(program, args, { stdio: ["ignore", stdio, stdio] }).status === 0;
}
