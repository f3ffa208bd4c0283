import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type AdminService, type BackupResponse, BackupResponseSchema } from "../../gen/sitq/v1/admin_service_pb.js";
import type { Queueing } from "../queue/queueing.ts";
import type { Outbound, ServiceHandlers } from "./adapter/handlers.ts";

const chunkBytes = 262_144;

/**
 * The handlers of sitq.v1.AdminService.
 *
 * @param dbPath the database file: copies are made beside it, where there is room for it
 */
export function adminServiceHandlers(queueing: Queueing, dbPath: string): ServiceHandlers<typeof AdminService> {
  return {
    async backup(_request, { signal }, out) {
      const directory = await mkdtemp(join(dirname(dbPath), ".sitq-backup-"));
      try {
        const path = join(directory, "copy.db");
        const { taskCount } = await queueing.backup(path, (copied, total) => {
          const value = { copiedPages: BigInt(copied), totalPages: BigInt(total) };
          if (out.writable) out.send(create(BackupResponseSchema, { message: { case: "progress", value } }));
        });
        const { size } = await stat(path);
        const sha256 = await sendFile(path, signal, out);
        const value = { sizeBytes: BigInt(size), sha256, taskCount: BigInt(taskCount) };
        out.send(create(BackupResponseSchema, { message: { case: "summary", value } }));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
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
