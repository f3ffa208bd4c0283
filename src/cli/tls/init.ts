import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { shellWord, systemErrorText } from "../terminal/printable.ts";
import { createPrinter } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import {
  clientContent,
  clientUri,
  hostsOf,
  parseClient,
  serverContent,
  type Times,
  timesOf,
  withLeafOptions,
} from "./leaf.ts";

interface Options {
  readonly host?: readonly string[];
  readonly client: string;
  readonly days: number;
}

/** The files, in the order in which they are written. */
const names = {
  ca: "ca.pem",
  caKey: "ca-key.pem",
  server: "server.pem",
  serverKey: "server-key.pem",
  client: "client.pem",
  clientKey: "client-key.pem",
} as const;

/** The command `sitq tls init`: an authority of one's own, with a server's and a client's certificate. */
export function initCommand(shell: Shell): Command {
  const command = newCommand("init", {
    takes: "<directory>",
    does: "make an authority, a server's and a client's certificate",
    notes: [
      "For development and tests: the authority's key lies beside the certificates, in a file that only you can read.",
      "Existing files are never replaced. More certificates of the same authority: sitq tls issue.",
    ].join("\n"),
    examples: [
      ["tls init certs", "for localhost"],
      ["tls init certs --host sitq.internal --host 10.0.0.7", "for other machines too"],
      ["tls init certs --client mail --days 30", "a client with the URI spiffe://sitq.local/mail"],
    ],
  });
  withLeafOptions(command).option("--client <name>", "the client's name", parseClient, "client");
  return command.action(async (directory: string) => {
    const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
    const { host, client, days } = command.opts<Options>();
    const wanted = { hosts: hostsOf(host), client, times: timesOf(days) };
    const files = await makeFiles(wanted);
    await writeNew(directory, files);
    const out = createPrinter(shell, { json, wide });
    const { hosts, times } = wanted;
    const facts = { hosts, uri: clientUri(client), notAfter: times.notAfter.toISOString() };
    if (out.asJson) await out.json({ directory, files: Object.keys(files), ...facts });
    else await out.line(report(directory, wanted));
  });
}

interface Wanted {
  readonly hosts: readonly string[];
  readonly client: string;
  readonly times: Times;
}

/** The content of each file by its name. */
async function makeFiles({ hosts, client, times }: Wanted): Promise<Readonly<Record<string, string>>> {
  // What it needs takes longer to load than most commands run.
  const { createAuthority } = await import("./certificates.ts");
  const authority = await createAuthority({ commonName: "sitq development CA", ...times });
  const serverPair = await authority.issue(serverContent(hosts, times));
  const clientPair = await authority.issue(clientContent(client, times));
  return {
    [names.ca]: authority.certificate,
    [names.caKey]: authority.key,
    [names.server]: serverPair.certificate,
    [names.serverKey]: serverPair.key,
    [names.client]: clientPair.certificate,
    [names.clientKey]: clientPair.key,
  };
}

/** Writes all files, or none where one of them exists. */
async function writeNew(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  const paths = Object.entries(files).map(([name, content]) => [join(directory, name), content] as const);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [path] of paths) {
      if (await exists(path)) throw taken(path);
    }
    for (const [path, content] of paths) {
      await writeFile(path, content, { flag: "wx", mode: path.endsWith("-key.pem") ? 0o600 : 0o644 });
    }
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`cannot write to ${directory}: ${systemErrorText(error)}`, { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function taken(path: string): CommandFailure {
  const hint = "Name another directory, or delete the certificates that are there.";
  return new CommandFailure(`${path} already exists`, { exitCode: exitCodes.refused, hint });
}

function report(directory: string, { hosts, client, times }: Wanted): string {
  const path = (name: string) => shellWord(join(directory, name));
  const trust = `--tls-ca ${path(names.ca)}`;
  const own = `--tls-cert ${path(names.server)} --tls-key ${path(names.serverKey)} --tls-client-ca ${path(names.ca)}`;
  const uri = clientUri(client);
  return `${directory} holds, valid until ${times.notAfter.toISOString().slice(0, 10)}:
  ${names.ca}      the authority; ${names.caKey} signs certificates: keep it secret
  ${names.server}  ${hosts.join(", ")}
  ${names.client}  ${uri}

Make the first admin's token, start the server, and say what the client may do:
  sitq token create ops --role admin --db sitq.db --out ops.token
  sitq serve --db sitq.db ${own} --tls-client-auth optional --auth on
  sitq principal create ${client} --role worker --queues '*' --cert-uri ${uri} ${trust} --token-file ops.token
  sitq whoami ${trust} --tls-cert ${path(names.client)} --tls-key ${path(names.clientKey)}`;
}
