import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { withSession } from "../command/session.ts";
import { integerJson } from "../terminal/json.ts";
import { bytesText, counted } from "../terminal/numbers.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { damageText, receiveBackup } from "./receive-backup.ts";

/** The command `sitq backup`: a copy of the server's database in a file here. */
export function backupCommand(shell: Shell): Command {
  const command = newCommand("backup", {
    takes: "<file>",
    does: "copy the server's database to a file while it is in use",
    notes: [
      "The server checks the copy and this command its SHA-256; only then is the file renamed into place.",
      "Damaged content is copied with a warning that names it; a damaged copy never replaces a file.",
      "To restore it, stop the server and start it with --db FILE.",
    ].join("\n"),
    examples: [
      ["backup sitq-$(date +%F).db", "a new file"],
      ["backup latest.db --force --json | jq -r .sha256", "replace the last one"],
    ],
  });
  command.option("-f, --force", "replace the file if it exists");
  return command.action((file: string) =>
    withSession(shell, command, async (session) => {
      const { force = false } = command.opts<{ readonly force?: boolean }>();
      const { sizeBytes, taskCount, sha256, ...damages } = await interruptible(shell, (interrupted) =>
        receiveBackup(session, file, { replace: force, interrupted }),
      );
      if (damages.damagedCount > 0n) {
        shell.stderr.write(`warning: ${damageText(damages)}\nKeep an earlier backup, and look at the disk.\n`);
      }
      if (session.out.asJson) {
        await session.out.json({
          file,
          sizeBytes: integerJson(sizeBytes),
          taskCount: integerJson(taskCount),
          sha256,
          damagedCount: integerJson(damages.damagedCount),
          damaged: [...damages.damaged],
        });
      } else {
        const what = `${bytesText(Number(sizeBytes))}, ${counted(taskCount, "task")}`;
        await session.out.line(`${file}: ${what}\nsha256 ${sha256}`);
      }
    }),
  );
}
