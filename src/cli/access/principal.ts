import { type Command, InvalidArgumentError } from "commander";
import { type Principal, PrincipalSchema, Role } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { confirm } from "../command/confirm.ts";
import { newCommand } from "../command/new-command.ts";
import { answerOtherWords } from "../command/other-words.ts";
import { allItems } from "../command/pages.ts";
import { briefly } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { printable } from "../terminal/printable.ts";
import type { Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { type AccessSession, onFileToo, withAccess } from "./access-session.ts";
import { grantsOf, grantText, withGrantOptions } from "./grant-options.ts";
import { warnOfLastAdmin } from "./last-admin.ts";

interface CertificateOptions {
  readonly certUri: string[];
  readonly certDns: string[];
}

/** The command `sitq principal`: who may do what. */
export function principalCommand(shell: Shell): Command {
  const command = newCommand("principal", {
    does: "create, change, list and delete principals: who may do what",
    examples: [
      ["principal create mail --role worker --queues 'mail.*' --cert-uri spiffe://example.org/mail", "by certificate"],
      [
        "principal set mail --grant 'worker:queue=mail.*' --grant viewer:service=inventory",
        "two grants in place of all",
      ],
    ],
  });
  for (const below of [create, set, list, remove]) command.addCommand(below(shell));
  answerOtherWords(command, { add: "create", update: "set", remove: "delete" });
  return command;
}

function withOptions(command: Command): Command {
  const collect = (value: string, before: string[]) => [...before, value];
  return withGrantOptions(onFileToo(command))
    .option("--cert-uri <uri>", "a URI in the certificates that prove it; repeatable", collect, [])
    .option("--cert-dns <name>", "the only DNS name in certificates that prove it; repeatable", collect, []);
}

function create(shell: Shell): Command {
  const command = newCommand("create", {
    takes: "<name>",
    does: "create a principal",
    examples: [["principal create ops --role operator --cert-uri spiffe://example.org/ops", "on everything"]],
  });
  return withOptions(command).action((name: string) => {
    const work = async ({ access, out }: AccessSession) => {
      const { certUri, certDns } = command.opts<CertificateOptions>();
      const wanted = { name, grants: grantsOf(command), certificateUris: certUri, certificateDnsNames: certDns };
      await show(out, (await access.createPrincipal({ principal: wanted }, briefly)).principal);
    };
    return withAccess(shell, command, work, { creates: true });
  });
}

function set(shell: Shell): Command {
  const command = newCommand("set", {
    takes: "<name>",
    does: "change what a principal may do, or its certificates; what is not named stays",
    notes: "The grants that are given take the place of all. Open streams follow within 2 seconds.",
    examples: [["principal set mail --role worker --queues mail.out", "less than before"]],
  });
  return withOptions(command)
    .option("--unset <option>", "remove all: cert-uri or cert-dns; repeatable", addUnset, [])
    .action((name: string) =>
      withAccess(shell, command, async ({ access, out }) => {
        const { certUri, certDns, unset } = command.opts<CertificateOptions & { readonly unset: string[] }>();
        const grants = grantsOf(command);
        const paths = [
          ...(grants.length > 0 ? ["grants"] : []),
          ...(certUri.length > 0 || unset.includes("cert-uri") ? ["certificate_uris"] : []),
          ...(certDns.length > 0 || unset.includes("cert-dns") ? ["certificate_dns_names"] : []),
        ];
        if (paths.length === 0) {
          throw wrongUsage("nothing to change", { hint: "Give --role, --grant, --cert-uri, --cert-dns or --unset." });
        }
        const isAdmin = grants.some(({ role }) => role === Role.ADMIN);
        if (grants.length > 0 && !isAdmin) await warnOfLastAdmin(shell, access, { principal: name });
        const principal = { name, grants, certificateUris: certUri, certificateDnsNames: certDns };
        await show(out, (await access.updatePrincipal({ principal, updateMask: { paths } }, briefly)).principal);
      }),
    );
}

function addUnset(text: string, before: string[]): string[] {
  if (text !== "cert-uri" && text !== "cert-dns") throw new InvalidArgumentError("Expected cert-uri or cert-dns.");
  return [...before, text];
}

async function show(out: Printer, principal: Principal | undefined): Promise<void> {
  if (principal === undefined) throw new Error("The server sent an empty answer.");
  if (out.asJson) return out.json(messageJson(PrincipalSchema, principal));
  const { name, grants, certificateUris, certificateDnsNames } = principal;
  const certificates = [
    ...certificateUris.map((uri) => `certificate URI ${uri}`),
    ...certificateDnsNames.map((dnsName) => `certificate DNS name ${dnsName}`),
  ];
  const first = printable(`${name}: ${grants.map(grantText).join(" ")}`);
  await out.line([first, ...certificates.map((each) => `  ${printable(each)}`)].join("\n"));
}

function list(shell: Shell): Command {
  const command = newCommand("list", {
    does: "list principals with what they may do",
    notes: "With --json: one principal per line.",
    examples: [["principal list", "by name"]],
  });
  return onFileToo(command).action(() =>
    withAccess(shell, command, async ({ access, out }) => {
      const principals = await allItems(async (page) => {
        const { principals: items, nextPageToken } = await access.listPrincipals(page, briefly);
        return { items, nextPageToken };
      });
      if (out.asJson) {
        for (const principal of principals) await out.json(messageJson(PrincipalSchema, principal));
        return;
      }
      if (principals.length === 0) return out.remark("No principals.");
      const columns: readonly Column<Principal>[] = [
        { title: "PRINCIPAL", cell: ({ name }) => printable(name) },
        { title: "GRANTS", cell: ({ grants }) => printable(grants.map(grantText).join(" ")), least: 10 },
        { title: "CERTIFICATES", cell: (each) => printable(certificatesOf(each)), least: 10, leaveOut: 1 },
      ];
      await out.line(tableText(columns, principals, out.layout));
    }),
  );
}

function certificatesOf({ certificateUris, certificateDnsNames }: Principal): string {
  return [...certificateUris, ...certificateDnsNames].join(", ");
}

function remove(shell: Shell): Command {
  const command = newCommand("delete", {
    takes: "<name>",
    does: "delete a principal with its tokens",
    examples: [["principal delete mail --yes", "without asking"]],
  });
  return onFileToo(command)
    .option("--yes", "do not ask")
    .action((name: string) =>
      withAccess(shell, command, async ({ access, out }) => {
        const { yes } = command.opts<{ readonly yes?: boolean }>();
        await warnOfLastAdmin(shell, access, { principal: name });
        if (yes !== true) await confirm(shell, `delete ${name} with its tokens`, "Use --yes to do it.");
        const { tokenCount } = await access.deletePrincipal({ name }, briefly);
        if (out.asJson) await out.json({ name, tokenCount });
        else
          await out.line(`${printable(name)} is deleted, with ${tokenCount} ${tokenCount === 1 ? "token" : "tokens"}`);
      }),
    );
}
