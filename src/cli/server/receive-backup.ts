import { createHash } from "node:crypto";
import { CommandFailure } from "../command/command-failure.ts";
import { withFirstWord } from "../command/first-word.ts";
import type { Session } from "../command/session.ts";
import { bytesText, grouped } from "../terminal/numbers.ts";
import { createProgress } from "../terminal/progress.ts";
import { createNewFile, forceHint, type NewFile } from "./new-file.ts";

/** What the server says of a finished backup. */
export interface BackupSummary {
  readonly sizeBytes: bigint;
  readonly taskCount: bigint;
  /** In hexadecimal. */
  readonly sha256: string;
  /** How much in it is damaged; 0 is a sound copy. */
  readonly damagedCount: bigint;
  /** What that is, a few of it. */
  readonly damaged: readonly string[];
}

/** The warning for a copy that is not sound. */
export function damageText({ damagedCount, damaged }: Pick<BackupSummary, "damagedCount" | "damaged">): string {
  const more = damagedCount > BigInt(damaged.length) ? ", …" : "";
  return `damaged on the server's disk, and so in the copy: ${grouped(Number(damagedCount))} (${damaged.join(", ")}${more})`;
}

/** How a backup is received. */
export interface ReceiveBackupOptions {
  /** An existing file is replaced. */
  readonly replace: boolean;
  /** Gives up. */
  readonly interrupted: AbortSignal;
}

/**
 * Receives a backup into a file, which is there only if it is complete, what the server sent, and on the disk.
 *
 * @throws CommandFailure with `refused` if the place is taken, otherwise `failed`; a damaged copy replaces no file
 */
export async function receiveBackup(
  session: Session,
  path: string,
  { replace, interrupted }: ReceiveBackupOptions,
): Promise<BackupSummary> {
  const file = await createNewFile(path, { replace, hint: forceHint });
  try {
    const summary = await receive(session, file, interrupted);
    if (summary.damagedCount > 0n && file.replaces) {
      const hint = "The existing file may be sound, so it is kept. Name another file to keep this copy too.";
      throw new CommandFailure(`${path} is not replaced: ${damageText(summary)}`, { hint });
    }
    await file.finish();
    return summary;
  } catch (error) {
    throw interrupted.aborted ? new CommandFailure("interrupted: no backup was made", { cause: error }) : error;
  } finally {
    await file.discard();
  }
}

async function receive({ client, shell }: Session, file: NewFile, interrupted: AbortSignal): Promise<BackupSummary> {
  const hash = createHash("sha256");
  let summary: BackupSummary | null = null;
  let bytes = 0;
  let progress = createProgress(shell, "the server copies, pages", grouped);
  const call = (signal: AbortSignal) => client.admin.backup({}, { signal });
  try {
    for await (const { message } of withFirstWord(client.address, interrupted, call)) {
      switch (message.case) {
        case "progress":
          progress.update(Number(message.value.copiedPages), Number(message.value.totalPages));
          break;
        case "chunk":
          if (bytes === 0) {
            progress.stop();
            progress = createProgress(shell, "received", bytesText);
          }
          bytes += message.value.length;
          hash.update(message.value);
          await file.write(message.value);
          progress.update(bytes);
          break;
        case "summary":
          summary = message.value;
          break;
        case undefined:
      }
    }
  } finally {
    progress.stop();
  }
  return checked(summary, bytes, hash.digest("hex"));
}

function checked(summary: BackupSummary | null, bytes: number, sha256: string): BackupSummary {
  if (summary === null) throw new CommandFailure("the stream ended before the backup was complete: no backup was made");
  if (summary.sha256 === sha256 && summary.sizeBytes === BigInt(bytes)) return summary;
  const text = `what arrived is not what the server sent (SHA-256 ${sha256}, not ${summary.sha256}): there is no backup`;
  throw new CommandFailure(text, { hint: "Try again." });
}
