import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { ScopedProcess } from "./process-scope.ts";

/** How long a server may take to start, and how often it is asked, in milliseconds. */
const startMs = 60_000;
const askMs = 50;

/** Resolves when a server of ours is ready; rejects with what it printed if it ends before. */
export async function untilReady(server: ScopedProcess, isReady: () => Promise<boolean>): Promise<void> {
  let isGone = false;
  void server.exited.then(() => {
    isGone = true;
  });
  const deadline = performance.now() + startMs;
  while (!(await isReady())) {
    if (isGone) throw new Error(`${server.child.spawnfile} ended before it was ready:\n${server.output}`);
    if (performance.now() > deadline) throw new Error(`${server.child.spawnfile} does not start:\n${server.output}`);
    await pause(askMs);
  }
}

/** Resolves when a server takes connections on a port of 127.0.0.1. */
export function untilListening(server: ScopedProcess, port: number): Promise<void> {
  return untilReady(server, () => takesConnections(port));
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      answer(true);
    });
    socket.once("error", () => answer(false));
  });
}
