import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Prints everything that one order set off, by the operator's command. */
export async function printTrace(address: string, orderId: string): Promise<void> {
  console.log(`sitq trace ${orderId}\n`);
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, "--address", address, "trace", orderId], { stdio: "inherit" });
  await once(child, "exit");
}
