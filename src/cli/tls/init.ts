import { mkdir, stat, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { parseHostPort } from "../../contract/host-port.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { wholeNumber } from "../input/numbers.ts";
import { systemErrorText } from "../terminal/printable.ts";
import { createPrinter } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";

interface Options {
  readonly host?: readonly string[];
  readonly client: string;
  readonly days: number;
}

const dayMs = 86_400_000;
/** Certificates begin before they are made: the clocks of other machines may be behind. */
const earlyMs = 3_600_000;

/** What every server's certificate is for. */
const localHosts = ["localhost", "127.0.0.1", "::1"];

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
      "Existing files are never replaced.",
    ].join("\n"),
    examples: [
      ["tls init certs", "for localhost"],
      ["tls init certs --host sitq.internal --host 10.0.0.7", "for other machines too"],
      ["tls init certs --client mail --days 30", "a client with the URI spiffe://sitq.local/mail"],
    ],
  });
  command
    .option("--host <name>", "another name or address of the server; repeatable", collectHost)
    .option("--client <name>", "the client's name", parseClient, "client")
    .option("--days <number>", "how long the certificates are valid", wholeNumber(1, 3_650), 365);
  return command.action(async (directory: string) => {
    const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
    const { host = [], client, days } = command.opts<Options>();
    const hosts = [...new Set([...localHosts, ...host])];
    const uri = `spiffe://sitq.local/${client}`;
    const notAfter = new Date(Date.now() + days * dayMs);
    const files = await makeFiles({ hosts, client, uri, notAfter });
    await writeNew(directory, files);
    const out = createPrinter(shell, { json, wide });
    if (out.asJson)
      await out.json({ directory, files: Object.keys(files), hosts, uri, notAfter: notAfter.toISOString() });
    else await out.line(report(directory, hosts, uri, notAfter));
  });
}

interface Wanted {
  readonly hosts: readonly string[];
  readonly client: string;
  readonly uri: string;
  readonly notAfter: Date;
}

/** The content of each file by its name. */
async function makeFiles({ hosts, client, uri, notAfter }: Wanted): Promise<Readonly<Record<string, string>>> {
  // What it needs takes longer to load than most commands run.
  const { createAuthority } = await import("./certificates.ts");
  const times = { notBefore: new Date(Date.now() - earlyMs), notAfter };
  const authority = await createAuthority({ commonName: "sitq development CA", ...times });
  const serverPair = await authority.issue({
    commonName: "sitq server",
    ...times,
    altNames: hosts.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
    usages: ["server"],
  });
  const altNames = [{ type: "url" as const, value: uri }];
  const clientPair = await authority.issue({ commonName: client, ...times, altNames, usages: ["client"] });
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

function report(directory: string, hosts: readonly string[], uri: string, notAfter: Date): string {
  const path = (name: string) => shellWord(join(directory, name));
  return `${directory} holds, valid until ${notAfter.toISOString().slice(0, 10)}:
  ${names.ca}      the authority; ${names.caKey} signs certificates: keep it secret
  ${names.server}  ${hosts.join(", ")}
  ${names.client}  ${uri}

Start the server, and call it:
  sitq serve --tls-cert ${path(names.server)} --tls-key ${path(names.serverKey)} --tls-client-ca ${path(names.ca)}
  sitq health --tls-ca ${path(names.ca)} --tls-cert ${path(names.client)} --tls-key ${path(names.clientKey)}`;
}

/** A word as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Reads one more host: a name, of which the first part may be `*`, or an IP address. */
function collectHost(text: string, collected: readonly string[] = []): string[] {
  const isGood = isIP(text) !== 0 || parseHostPort(`${text.replace(/^\*\./, "")}:1`) !== undefined;
  if (!isGood) throw new InvalidArgumentError("Expected a host name or an IP address, without a port.");
  return [...collected, text];
}

function parseClient(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected lower case letters, digits, dots, hyphens and underscores.");
}
