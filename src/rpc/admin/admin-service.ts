import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  AdminService,
  type BackupResponse,
  BackupResponseSchema,
  GetServerInfoResponseSchema,
  ListServersResponseSchema,
} from "../../../gen/sitq/v1/admin_service_pb.js";
import { linkedController } from "../../async/signals.ts";
import type { Log } from "../../domain/log.ts";
import { draining } from "../../domain/refusals/server.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { Outbound, ServiceHandlers } from "../../grpc/handlers.ts";
import type { QueueSystem } from "../../queue/queue-system.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { toTimestamp } from "../convert/times.ts";
import { type ListServersOptions, listServers } from "./list-servers.ts";

/** What the admin service needs. */
export interface AdminServiceOptions extends ListServersOptions {
  readonly queueSystem: Pick<QueueSystem, "backup">;
  /** Backups are tracked here until their copies are removed. */
  readonly backups: WaitGroup;
  /** Ends the backups that are under way. */
  readonly stopping: AbortSignal;
  readonly log: Pick<Log, "error">;
  /** What the store is, with its version. */
  readonly storeEngine: string;
  /** Until when the server's certificate is valid, by the wall clock; `null`: it has none. */
  certificateExpireMs(): number | null;
}

/** The handlers of sitq.v1.AdminService. */
export function adminServiceHandlers(options: AdminServiceOptions): ServiceHandlers<typeof AdminService, RpcContext> {
  const { queueSystem, backups, stopping, log, version, startMs, storeEngine, fileView } = options;
  const serverInfo = {
    version,
    contract: AdminService.file.proto.package,
    startTime: toTimestamp(startMs),
    storeEngine,
    runtime: `Node ${process.versions.node}`,
    ...(fileView && { fileView: { file: fileView.path, asOfTime: toTimestamp(fileView.asOfMs) } }),
  };

  return {
    async getServerInfo() {
      const expireMs = options.certificateExpireMs();
      const certificate = expireMs === null ? {} : { certificateExpireTime: toTimestamp(expireMs) };
      return create(GetServerInfoResponseSchema, { serverInfo: { ...serverInfo, ...certificate } });
    },

    async listServers(_request, { scope }) {
      return create(ListServersResponseSchema, { servers: listServers(options, scope) });
    },

    async backup(_request, { signal }, out) {
      const end = linkedController(signal, stopping);
      try {
        await backups.track(send(out, end.signal));
      } catch (error) {
        throw stopping.aborted ? draining() : error;
      } finally {
        end.release();
      }
    },
  };

  async function send(out: Outbound<BackupResponse>, signal: AbortSignal): Promise<void> {
    const onProgress = (copied: number, total: number) => {
      const value = { copiedPages: BigInt(copied), totalPages: BigInt(total) };
      if (out.writable) out.send(create(BackupResponseSchema, { message: { case: "progress", value } }));
    };
    const backup = await queueSystem.backup(onProgress, signal);
    try {
      const { sizeBytes, taskCount, damages } = backup;
      const sha256 = await sendChunks(backup.chunks(signal), out);
      if (damages.count > 0) {
        const facts = { count: damages.count, damaged: damages.named };
        log.error(facts, "the backup contains damaged content, as the database does; keep an earlier backup");
      }
      const value = {
        sizeBytes: BigInt(sizeBytes),
        sha256,
        taskCount: BigInt(taskCount),
        damagedCount: BigInt(damages.count),
        damaged: [...damages.named],
      };
      out.send(create(BackupResponseSchema, { message: { case: "summary", value } }));
    } finally {
      await backup.remove();
    }
  }
}

/** Sends chunks as fast as their reader reads, and answers their SHA-256. */
async function sendChunks(chunks: AsyncIterable<Uint8Array>, out: Outbound<BackupResponse>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) {
    hash.update(chunk);
    if (!out.send(create(BackupResponseSchema, { message: { case: "chunk", value: chunk } }))) await out.drained();
  }
  return hash.digest("hex");
}
