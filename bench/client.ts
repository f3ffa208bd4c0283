/** The client's process: runs one case against a server, and sends what it measured to its parent. */

import { caseNamed } from "./all-cases.ts";
import type { CaseContext, Figure } from "./case.ts";

/** What the process is told to do. */
export interface ClientOrder extends Omit<CaseContext, "say"> {
  readonly name: string;
  readonly rounds: number;
}

/** What the process says. */
export type ClientNews = { readonly progress: string } | { readonly rounds: readonly (readonly Figure[])[] };

const say = (news: ClientNews) => process.send?.(news);

process.once("message", async ({ name, rounds, ...context }: ClientOrder) => {
  const chosen = caseNamed(name);
  if (chosen === undefined) throw new Error(`no case ${name}`);
  const measured = await chosen.run({ ...context, say: (progress) => void say({ progress }) }, rounds);
  say({ rounds: measured });
  process.disconnect();
});
