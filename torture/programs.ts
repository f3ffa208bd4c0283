import { spawnSync } from "node:child_process";

/** Says that a program is missing; `null`: it is there. */
export function missingProgram(name: string, versionFlag = "--version"): string | null {
  const { error, status } = spawnSync(name, [versionFlag], { stdio: "ignore" });
  return error === undefined && status === 0 ? null : `${name} is not installed`;
}

/** Says that the user is not root; `null`: it is. */
export function missingRoot(what: string): string | null {
  return process.getuid?.() === 0 ? null : `only root may ${what}`;
}
