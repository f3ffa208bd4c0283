/** The engine's own thread: an fsync takes from 0.1 ms to 10 ms, and the event loop that serves the streams must not wait for it. */

import { closeSync, openSync } from "node:fs";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { StoreRefused } from "../store-refused.ts";
import { openDatabase } from "./database.ts";
import { createVerbs } from "./engine.ts";
import { createGroupCommit } from "./group-commit.ts";
import { packVerbs } from "./packed-verbs.ts";
import type { Call, Request, Response, ThreadOptions } from "./protocol.ts";
import { createSession } from "./session.ts";

/** How many pages a backup copies before it lets the queue go on. */
const backupStepPages = 256;

if (parentPort === null) throw new Error("thread.ts runs as a worker thread");
serve(parentPort, workerData as ThreadOptions);

function serve(port: MessagePort, options: ThreadOptions): void {
  const say = (response: Response) => port.postMessage(response);
  const engine = open(options, say);
  if (engine === null) return;
  const { db, changes, commit } = engine;
  let backups = 0;
  let closing = false;

  function runCalls(first: readonly Call[]): void {
    const calls = [...first];
    const others: Request[] = [];
    let batches = 1;
    // Whatever else has arrived shares the transaction.
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
      const request = more.message as Request;
      if (request.kind === "calls" && others.length === 0) {
        calls.push(...request.calls);
        batches++;
      } else {
        others.push(request);
      }
    }
    try {
      const answers = commit(calls);
      say({ kind: "answers", batches, answers, changes: changes.take() });
    } catch (error) {
      say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
      // Not closed: closing would checkpoint, and write pages whose state nobody knows.
      port.close();
      return;
    }
    others.forEach(handle);
  }

  async function backup(path: string): Promise<void> {
    backups++;
    try {
      closeSync(openSync(path, "wx", 0o600));
      await db.backup(path, {
        progress({ totalPages, remainingPages }) {
          if (closing) throw new Error("the store is closing");
          say({ kind: "backup_progress", copiedPages: totalPages - remainingPages, totalPages });
          return backupStepPages;
        },
      });
      say({ kind: "backup_done", error: null });
    } catch (error) {
      say({ kind: "backup_done", error: error instanceof Error ? error.message : String(error) });
    }
    backups--;
    if (closing) close();
  }

  function close(): void {
    closing = true;
    if (backups > 0) return;
    db.close();
    port.close();
  }

  function handle(request: Request): void {
    switch (request.kind) {
      case "calls":
        runCalls(request.calls);
        return;
      case "watch":
        changes.watched = request.watched;
        return;
      case "backup":
        void backup(request.path);
        return;
      case "close":
        close();
        return;
    }
  }

  port.on("message", handle);
  say({ kind: "opened", engine: `SQLite ${db.prepare("SELECT sqlite_version()").pluck().get()}` });
}

function open(options: ThreadOptions, say: (response: Response) => void) {
  try {
    const db = openDatabase(options.path, options.synchronous);
    const session = createSession(db, options.maxQueueDepth);
    return { db, changes: session.changes, commit: createGroupCommit(session, packVerbs(createVerbs(session))) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ kind: "refused", message, expected: error instanceof StoreRefused });
    return null;
  }
}
