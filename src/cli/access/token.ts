import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { type Token, TokenSchema } from "../../client/index.ts";
import { confirm } from "../command/confirm.ts";
import { newCommand } from "../command/new-command.ts";
import { answerOtherWords } from "../command/other-words.ts";
import { allItems } from "../command/pages.ts";
import { briefly } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { createNewFile } from "../server/new-file.ts";
import { messageJson } from "../terminal/json.ts";
import type { Layout } from "../terminal/layout.ts";
import { printable } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { localTime, msOf, timeWithAge } from "../terminal/times.ts";
import { type AccessSession, isInPostgres, onFileToo, withAccess } from "./access-session.ts";
import { grantsOf, withGrantOptions } from "./grant-options.ts";
import { warnOfLastAdmin } from "./last-admin.ts";
import { tokenState } from "./token-state.ts";

/** The command `sitq token`: what principals prove themselves by. */
export function tokenCommand(shell: Shell): Command {
  const command = newCommand("token", {
    does: "create, list and revoke tokens",
    notes:
      "With --db they work on a file while no server runs on it, with --store on a database of PostgreSQL: the first admin's token comes from there.",
    examples: [
      ["token create root --role admin --db sitq.db --out root.token", "the first one"],
      ["token create root --role admin --out root.token --store", "the first one, in the database of SITQ_STORE"],
      ["token create mail --role worker --queues 'mail.*' --expires 90d", "for a service"],
    ],
  });
  for (const below of [create, list, revoke]) command.addCommand(below(shell));
  answerOtherWords(command, { add: "create", delete: "revoke", remove: "revoke" });
  return command;
}

interface CreateOptions {
  readonly expires?: number;
  readonly out?: string;
}

function create(shell: Shell): Command {
  const command = newCommand("create", {
    takes: "<principal>",
    does: "create a token, and its principal with the grants that are given if there is none",
    notes: "The token is shown once: the server keeps a hash of it.",
    examples: [
      ["token create mail --role worker --queues 'mail.*' --expires 90d", "shows the token"],
      ["token create mail --out mail.token", "another one of the same principal, into a file"],
    ],
  });
  withGrantOptions(onFileToo(command))
    .option("--expires <duration>", "how long it is valid, as 90d; default: it never expires", parseDurationOption)
    .option("--out <file>", "write the token to this new file, which only you can read");
  return command.action((principal: string) => {
    const work = async ({ access, out }: AccessSession) => {
      const { expires, out: path } = command.opts<CreateOptions>();
      const timeToLive = expires === undefined ? {} : { timeToLive: durationFromMs(expires) };
      const file = path === undefined ? null : await createNewFile(path);
      try {
        const { token, secret } = await access.createToken(
          { principal, grants: grantsOf(command), ...timeToLive },
          briefly,
        );
        if (token === undefined) throw new Error("The server sent an empty answer.");
        await file?.write(Buffer.from(`${secret}\n`));
        await file?.finish();
        const shown = file === null ? { secret } : { file: path ?? "" };
        if (out.asJson) return await out.json({ ...messageJson(TokenSchema, token), ...shown });
        out.remark(`token ${token.tokenId} of ${principal}${endText(token)}`);
        if (file === null) await out.line(secret);
        else out.remark(`written to ${path}`);
        if (isInPostgres(command)) out.remark("servers that run on this database take it up within seconds");
      } finally {
        await file?.discard();
      }
    };
    return withAccess(shell, command, work, { creates: true });
  });
}

function endText({ expireTime }: Token): string {
  const endMs = msOf(expireTime);
  return endMs === null ? ", which never expires" : `, until ${localTime(endMs)}`;
}

function list(shell: Shell): Command {
  const command = newCommand("list", {
    takes: "[principal]",
    does: "list tokens, the newest first",
    notes: "With --json: one token per line.",
    examples: [["token list mail", "those of one principal"]],
  });
  return onFileToo(command).action((principal = "") =>
    withAccess(shell, command, async ({ access, out }) => {
      const tokens = await allItems(async (page) => {
        const { tokens: items, nextPageToken } = await access.listTokens({ principal, ...page }, briefly);
        return { items, nextPageToken };
      });
      // It says so if there is no such principal.
      if (tokens.length === 0 && principal !== "") await access.getPrincipal({ name: principal }, briefly);
      if (out.asJson) for (const token of tokens) await out.json(messageJson(TokenSchema, token));
      else if (tokens.length === 0) out.remark("No tokens.");
      else await out.line(tokenTable(tokens, out.layout));
    }),
  );
}

function tokenTable(tokens: readonly Token[], layout: Layout): string {
  const { paint } = layout;
  const columns: readonly Column<Token>[] = [
    { title: "TOKEN", cell: ({ tokenId }) => printable(tokenId) },
    { title: "PRINCIPAL", cell: ({ principal }) => printable(principal) },
    { title: "STATE", cell: (token) => (tokenState(token) === "valid" ? "valid" : paint.warning(tokenState(token))) },
    { title: "CREATED", cell: ({ createTime }) => timeWithAge(createTime) },
    { title: "EXPIRES", cell: ({ expireTime }) => (expireTime === undefined ? "never" : timeWithAge(expireTime)) },
    { title: "LAST USED", cell: ({ lastUseTime }) => (lastUseTime === undefined ? "never" : timeWithAge(lastUseTime)) },
  ];
  return tableText(columns, tokens, layout);
}

function revoke(shell: Shell): Command {
  const command = newCommand("revoke", {
    takes: "<token-id>",
    does: "revoke a token for good; its open streams end within 2 seconds",
    examples: [
      ["token revoke 4f9a0c2m7xab", "by its id, as in the list; asks first"],
      ["token revoke 4f9a0c2m7xab --yes", "without asking"],
    ],
  });
  onFileToo(command).option("--yes", "do not ask");
  return command.action((given: string) =>
    withAccess(shell, command, async ({ access, out }) => {
      const tokenId = idOf(given);
      const { yes } = command.opts<{ readonly yes?: boolean }>();
      await warnOfLastAdmin(shell, access, { tokenId });
      if (yes !== true) await confirm(shell, `revoke the token ${tokenId}`, "Use --yes to do it.");
      const { token } = await access.revokeToken({ tokenId }, briefly);
      if (token === undefined) throw new Error("The server sent an empty answer.");
      if (out.asJson) await out.json(messageJson(TokenSchema, token));
      else await out.line(`token ${printable(token.tokenId)} of ${printable(token.principal)} is revoked`);
    }),
  );
}

/** The id, of a whole token too: its secret is neither sent nor shown. */
function idOf(given: string): string {
  return given.startsWith("sitq_") ? (given.split("_")[1] ?? "") : given;
}
