import { writeFile } from "node:fs/promises";
import type { TestServer } from "../server.ts";

/** Copies a server's database to a file, by its own backup. */
export async function backupTo(path: string, { admin }: Pick<TestServer, "admin">): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const { message } of admin.backup({})) if (message.case === "chunk") chunks.push(message.value);
  await writeFile(path, Buffer.concat(chunks), { mode: 0o600 });
}
