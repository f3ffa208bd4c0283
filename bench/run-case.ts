import { fork, spawn } from "node:child_process";
import { join } from "node:path";
import { createTempDir } from "../test/harness/temp-dir.ts";
import type { Case, Figure } from "./case.ts";
import type { ClientNews, ClientOrder } from "./client.ts";
import { type RunningServer, startSitq } from "./processes/sitq-server.ts";

/** How a case is run. */
export interface RunOptions {
  readonly rounds: number;
  readonly quick: boolean;
  /** Told how far it is. */
  readonly say: (progress: string) => void;
}

/** Runs a case: a server and a client, each in a process of its own, both fresh, on a directory that is removed in the end. */
export async function runCase(
  chosen: Case,
  { rounds, quick, say }: RunOptions,
): Promise<readonly (readonly Figure[])[]> {
  await using directory = await createTempDir();
  await using server = await serverFor(chosen, directory.file("sitq.db"));
  const order = { name: chosen.name, rounds, quick, directory: directory.path };
  // Awaited here: the server ends with this block.
  return await runClient({ ...order, address: server.address, serverPid: server.pid }, say);
}

async function serverFor({ server }: Case, db: string): Promise<RunningServer> {
  switch (server) {
    case "sitq":
      return startSitq(db);
    case "echo":
      return startEcho();
    case "none":
      return { pid: 0, address: "", [Symbol.asyncDispose]: async () => undefined };
  }
}

async function startEcho(): Promise<RunningServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "processes/echo-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("close", resolve));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => resolve(text.trim().split(" ").at(-1) ?? ""));
    void exited.then(() => reject(new Error("the echo server ended")));
  });
  return {
    pid: child.pid ?? 0,
    address,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

function runClient(order: ClientOrder, say: (progress: string) => void): Promise<readonly (readonly Figure[])[]> {
  const child = fork(join(import.meta.dirname, "client.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  child.send(order);
  return new Promise((resolve, reject) => {
    let measured: readonly (readonly Figure[])[] | null = null;
    child.on("message", (news: ClientNews) => {
      if ("progress" in news) say(news.progress);
      else measured = news.rounds;
    });
    child.once("close", (code, signal) => {
      if (measured === null) reject(new Error(`the client of ${order.name} ended with ${signal ?? code}`));
      else resolve(measured);
    });
  });
}
