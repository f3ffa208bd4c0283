/** The engine's own thread: an fsync takes from 0.1 ms to 10 ms, and the event loop that serves the streams must not wait for it. */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { systemClock } from "../../../domain/clock.ts";
import type { SlowCommit } from "../../store.ts";
import { StoreRefused } from "../../store-refused.ts";
import { Tallies } from "../../tallies/tallies.ts";
import { createEngine } from "../engine/engine.ts";
import type { OpenLease } from "../engine/open-leases.ts";
import { openDatabase } from "../file/database.ts";
import { failureText, refusalOf } from "../file/file-errors.ts";
import { createReserveFile } from "../file/reserve-file.ts";
import { openView } from "../file/view.ts";
import { copyDatabase, type DatabaseCopy } from "./copy-database.ts";
import { createDiskReader, fileMeasures } from "./disk-reader.ts";
import { ampleRoom, createDiskRoom } from "./disk-room.ts";
import { createGroupCommit } from "./group-commit.ts";
import { packVerbs } from "./packed-verbs.ts";
import type { Answer, Call, Request, Response, ThreadOptions } from "./thread-messages.ts";
import { createVerbs, verbNames } from "./verbs.ts";

/** How often it looks whether its files are still its own: a look costs 20 µs, too much for each commit. */
const guardIntervalMs = 500;
/** So long after its hand-out a lease is written at the latest, unless the machine is too busy; half of it at the earliest. */
const writeBehindMs = 50;

if (parentPort === null) throw new Error("thread.ts runs as a worker thread");
serve(parentPort, workerData as ThreadOptions);

function serve(port: MessagePort, options: ThreadOptions): void {
  const say = (response: Response) => port.postMessage(response);
  const engine = open(options, say);
  if (engine === null) return;
  const { db, checkpoints, changes, damages, leases, commit, guard, room } = engine;
  let endWriting: (() => void) | null = null;
  let copying: DatabaseCopy | null = null;
  let closing = false;
  let endGuard: () => void = () => undefined;

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
    const { answers, left } = commit.claimFirst(calls);
    if (left.length === 0) {
      say({ kind: "answers", batches, answers, changes: changes.take() });
      writeLeasesSoon();
    } else {
      if (answers.length > 0) say({ kind: "answers", batches: 0, answers, changes: changes.take() });
      if (!committed(batches, () => commit.settle(left))) return;
    }
    others.forEach(handle);
  }

  /** Tells what a commit did; false if the storage failed. */
  function committed(batches: number, run: () => readonly Answer[]): boolean {
    try {
      const answers = run();
      say({ kind: "answers", batches, answers, changes: changes.take() });
      const found = damages.take();
      if (found !== null) say({ kind: "damages", found });
      checkpoints.afterCommit(room.isAmple);
    } catch (error) {
      fail(failureText(error, options.path));
      return false;
    }
    writeLeasesSoon();
    return true;
  }

  function writeLeases(open: readonly OpenLease[]): boolean {
    if (open.length === 0) return true;
    return committed(0, () => {
      commit.writeLeases(open);
      return [];
    });
  }

  function writeLeasesSoon(): void {
    if (leases.size === 0) return;
    endWriting ??= systemClock.after(writeBehindMs / 2, () => {
      endWriting = null;
      if (writeLeases(leases.old())) writeLeasesSoon();
    });
  }

  /** Closed without a checkpoint, which would write pages in an unknown state. */
  function fail(message: string): void {
    endGuard();
    endWriting?.();
    guard.abandon(db);
    say({ kind: "failed", message });
    port.close();
  }

  function watchFiles(): void {
    const wrong = guard.look();
    if (wrong !== null) {
      fail(wrong);
      return;
    }
    tellOfDisk();
    endGuard = systemClock.after(guardIntervalMs, watchFiles);
  }

  function tellOfDisk(): void {
    const disk = room.look();
    if (disk !== null) say({ kind: "disk", disk });
  }

  function backup(path: string): void {
    if (!writeLeases(leases.all())) return;
    copying = copyDatabase(db, path, (copiedPages, totalPages) =>
      say({ kind: "backup_progress", copiedPages, totalPages }),
    );
    void copying.ended.then((failure) => {
      copying = null;
      say({ kind: "backup_done", failure });
      if (closing) close();
    });
  }

  function close(): void {
    closing = true;
    copying?.stop();
    if (copying !== null || !writeLeases(leases.all())) return;
    endGuard();
    endWriting?.();
    checkpoints.close(systemClock.now());
    db.close();
    guard.close();
    port.close();
  }

  function handle(request: Request): void {
    switch (request.kind) {
      case "calls":
        runCalls(request.calls);
        return;
      case "watch":
        // Watchers see no hand-outs from before.
        if (!writeLeases(leases.all())) return;
        changes.watched = request.watched;
        return;
      case "backup":
        backup(request.path);
        return;
      case "stop_backup":
        copying?.stop();
        return;
      case "close":
        close();
        return;
    }
  }

  port.on("message", handle);
  const version = db.prepare<[], string>("SELECT sqlite_version()").pluck().get();
  const { file, asOfMs, verbs } = engine;
  say({ kind: "opened", engine: `SQLite ${version}`, file, asOfMs, verbs });
  watchFiles();
}

function open(options: ThreadOptions, say: (response: Response) => void) {
  try {
    const { maxQueueDepth, isReadOnly } = options;
    const { tallies, asOfMs, ...opened } = isReadOnly ? openToLookAt(options) : openToWrite(options);
    const engine = createEngine(opened.db, maxQueueDepth, tallies);
    const verbs = createVerbs(engine);
    const onSlow = (slow: SlowCommit) => say({ kind: "slow_commit", commit: slow });
    const commit = createGroupCommit(engine, packVerbs(verbs), opened.room, onSlow);
    const { changes, damages, leases, keys } = engine;
    const shown = asOfMs === null ? null : Math.max(asOfMs, keys.last === 0 ? 0 : keys.timeOf(keys.last));
    return { ...opened, asOfMs: shown, changes, damages, leases, commit, verbs: verbNames(verbs) };
  } catch (error) {
    const refusal = refusalOf(error, options.path);
    say({ kind: "refused", message: refusal.message, expected: refusal instanceof StoreRefused });
    return null;
  }
}

function openToWrite({ path, synchronous, acceptMissingWal, diskReserveBytes, measuredQueues }: ThreadOptions) {
  const reserve = createReserveFile(`${path}-reserve`, diskReserveBytes);
  const opened = openDatabase(path, synchronous, { acceptMissingWal, makeRoom: reserve.release });
  const readDisk = createDiskReader(opened.db, path);
  const room = createDiskRoom(reserve, readDisk);
  room.fill();
  const readFiles = () => fileMeasures(path, reserve, readDisk());
  const tallies = measuredQueues === null ? null : new Tallies(measuredQueues, readFiles);
  return { ...opened, room, tallies, asOfMs: null };
}

/** With nothing that writes: no checkpoints, no reserve, and nothing is counted. */
function openToLookAt({ path }: ThreadOptions) {
  const { db, asOfMs } = openView(path);
  const nothing = () => undefined;
  return {
    db,
    asOfMs,
    file: { isNew: false, openMode: null },
    checkpoints: { run: nothing, afterCommit: nothing, close: nothing },
    guard: { look: () => null, wrote: nothing, abandon: () => void db.close(), close: nothing },
    room: ampleRoom,
    tallies: null,
  };
}
