import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Opens a store in a process of its own, has it store tasks, and kills it; answers how many were acknowledged. */
export async function fillAndKill(path: string, bytes = 1_000): Promise<number> {
  const program = fileURLToPath(new URL("./fill-store.ts", import.meta.url));
  const child = spawn(process.execPath, [program, path, String(bytes)], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGKILL");
  await once(child, "close");
  return Number(said.toString());
}
