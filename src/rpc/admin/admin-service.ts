import { createHash } from "node:crypto";
import { createReadStream, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  AdminService,
  type BackupResponse,
  BackupResponseSchema,
  GetServerInfoResponseSchema,
  ServerInfoSchema,
} from "../../../gen/sitq/v1/admin_service_pb.js";
import { linkedController } from "../../async/signals.ts";
import type { Log } from "../../domain/log.ts";
import { draining, noRoomForBackup } from "../../domain/refusals/server.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { Outbound, ServiceHandlers } from "../../grpc/handlers.ts";
import type { QueueSystem } from "../../queue/queue-system.ts";
import { toTimestamp } from "../convert/times.ts";

const chunkBytes = 262_144;

/** What the admin service needs. */
export interface AdminServiceOptions {
  readonly queueSystem: Pick<QueueSystem, "backup">;
  /** The database file, open by now: copies are made beside it. */
  readonly dbPath: string;
  /** Backups are tracked here until nothing of them is left beside the database. */
  readonly backups: WaitGroup;
  /** Ends the backups that are under way. */
  readonly stopping: AbortSignal;
  readonly log: Pick<Log, "error">;
  /** The server's version, by Semantic Versioning. */
  readonly version: string;
  /** When the server began to serve, by the wall clock. */
  readonly startMs: number;
  /** What the store is, with its version. */
  readonly storeEngine: string;
}

/** The handlers of sitq.v1.AdminService. Copies that an earlier process left behind when it ended are removed. */
export function adminServiceHandlers(options: AdminServiceOptions): ServiceHandlers<typeof AdminService> {
  const { queueSystem, dbPath, backups, stopping, log, version, startMs, storeEngine } = options;
  const serverInfo = create(ServerInfoSchema, {
    ...{ version, contract: AdminService.file.proto.package, startTime: toTimestamp(startMs), storeEngine },
    runtime: `Node ${process.versions.node}`,
  });
  // The name tells whose they are: another server may have its file in the same directory.
  const prefix = `.${basename(dbPath)}-backup-`;
  removeLeftOver(dirname(dbPath), prefix);

  return {
    getServerInfo: async () => create(GetServerInfoResponseSchema, { serverInfo }),

    async backup(_request, { signal }, out) {
      const end = linkedController(signal, stopping);
      try {
        await backups.track(copyTo(out, end.signal));
      } catch (error) {
        throw stopping.aborted ? draining() : error;
      } finally {
        end.release();
      }
    },
  };

  async function copyTo(out: Outbound<BackupResponse>, signal: AbortSignal): Promise<void> {
    const directory = await mkdtemp(join(dirname(dbPath), prefix)).catch((error: unknown) => {
      throw isDiskFull(error) ? noRoomForBackup(null) : error;
    });
    try {
      const path = join(directory, "copy.db");
      const onProgress = (copied: number, total: number) => {
        const value = { copiedPages: BigInt(copied), totalPages: BigInt(total) };
        if (out.writable) out.send(create(BackupResponseSchema, { message: { case: "progress", value } }));
      };
      const { taskCount, damages } = await queueSystem.backup(path, onProgress, signal);
      const { size } = await stat(path);
      const sha256 = await sendFile(path, signal, out);
      if (damages.count > 0) {
        const facts = { count: damages.count, damaged: damages.named };
        log.error(facts, "the backup contains damaged content, as the database does; keep an earlier backup");
      }
      const value = {
        ...{ sizeBytes: BigInt(size), sha256, taskCount: BigInt(taskCount) },
        ...{ damagedCount: BigInt(damages.count), damaged: [...damages.named] },
      };
      out.send(create(BackupResponseSchema, { message: { case: "summary", value } }));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}

function removeLeftOver(directory: string, prefix: string): void {
  try {
    for (const name of readdirSync(directory)) {
      if (name.startsWith(prefix)) rmSync(join(directory, name), { recursive: true, force: true });
    }
  } catch {
    // A directory that this user cannot list, or a copy that it cannot remove, is no reason not to serve.
  }
}

/** Streams a file as fast as its reader reads, and answers its SHA-256. */
async function sendFile(path: string, signal: AbortSignal, out: Outbound<BackupResponse>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, signal })) {
    hash.update(chunk);
    if (!out.send(create(BackupResponseSchema, { message: { case: "chunk", value: chunk } }))) await out.drained();
  }
  return hash.digest("hex");
}
