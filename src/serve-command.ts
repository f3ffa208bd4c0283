import { Command, Option } from "commander";
import type { Flags } from "./config/config.ts";
import type { Setting } from "./config/setting.ts";
import { formerSettings, settings, usage } from "./config/settings.ts";

/** The command `sitq serve`: runs the server until a signal ends it. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .description("run the server: one process, on an SQLite file or a database of PostgreSQL")
    .addHelpText(
      "after",
      `
Every flag has a name in the environment: --lease-duration is SITQ_LEASE_DURATION.

Examples:
  sitq serve                                     # 127.0.0.1:50051, ./sitq.db
  sitq serve --listen 127.0.0.1:0 --db /var/lib/sitq/tasks.db
  SITQ_LOG_LEVEL=debug sitq serve`,
    );
  for (const setting of Object.values<Setting<unknown>>(settings)) {
    const { flags, description } = usage(setting);
    command.addOption(new Option(flags, description));
  }
  // readConfig refuses them by their new names.
  for (const { flag } of formerSettings) command.addOption(new Option(`${flag} [value]`).hideHelp());
  return command.action(async () => {
    // No other command needs the code of the server.
    const { serve } = await import("./serve.ts");
    process.exit(await serve(command.opts<Flags>()));
  });
}
