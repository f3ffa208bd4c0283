import type { Command } from "commander";
import { GetIdentityResponseSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { printable } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { grantText } from "./grant-options.ts";

/** The command `sitq whoami`: who the server takes the caller for. */
export function whoamiCommand(shell: Shell): Command {
  const command = newCommand("whoami", {
    does: "show who the server takes you for, and what you may do",
    examples: [["whoami --token-file mail.token", "whose token is it"]],
  });
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const identity = await client.access.getIdentity({}, briefly);
      if (out.asJson) return out.json(messageJson(GetIdentityResponseSchema, identity));
      const { principal, credential, grants } = identity;
      if (principal === "") return out.line("authentication is off: everyone may do everything");
      await out.line(
        `${printable(principal)} by ${printable(credential)}\n${grants.map((each) => `  ${printable(grantText(each))}`).join("\n")}`,
      );
    }),
  );
}
