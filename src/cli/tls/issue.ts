import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { createNewFile, forceHint } from "../server/new-file.ts";
import { systemErrorText } from "../terminal/printable.ts";
import { createPrinter } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import type { Authority, CertificatePair } from "./certificates.ts";
import { clientContent, clientUri, hostsOf, parseClient, serverContent, timesOf, withLeafOptions } from "./leaf.ts";

interface Options {
  readonly host?: readonly string[];
  readonly days: number;
  readonly server?: boolean;
  readonly force?: boolean;
}

/** How much earlier than asked for a certificate may end without a word, in milliseconds: the days of its authority began to count before. */
const slackMs = 24 * 3_600_000;

/** The command `sitq tls issue`: one more certificate of an authority that `sitq tls init` has made. */
export function issueCommand(shell: Shell): Command {
  const command = newCommand("issue", {
    does: "make another client's or server's certificate of the authority in a directory",
    notes: [
      "It makes NAME.pem and NAME-key.pem in the directory, by the ca.pem and ca-key.pem that `sitq tls init` left there.",
      "A server reads files that are replaced by itself.",
    ].join("\n"),
    examples: [
      ["tls issue certs orders", "a client with the URI spiffe://sitq.local/orders"],
      ["tls issue certs server --server --host sitq.internal --force", "the server's, renewed"],
    ],
  });
  command
    .argument("<directory>", "where the authority is")
    .argument("<name>", "the client's name, and that of the files", parseName)
    .option("--server", "a server's certificate in place of a client's");
  withLeafOptions(command).option("--force", "replace a certificate that is there");
  return command.action(async (directory: string, name: string) => {
    const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
    const { host, days, server = false, force = false } = command.opts<Options>();
    if (host !== undefined && !server) throw wrongUsage("--host is for a server's certificate: add --server");
    const { authority, endsAt } = await open(directory);
    const wanted = timesOf(days);
    // What outlives its authority is refused all the same.
    const times = { ...wanted, notAfter: wanted.notAfter > endsAt ? endsAt : wanted.notAfter };
    const hosts = hostsOf(host);
    const content = server ? serverContent(hosts, times) : clientContent(name, times);
    const [certificate, key] = [join(directory, `${name}.pem`), join(directory, `${name}-key.pem`)];
    await writePair({ certificate, key }, await authority.issue(content), force);
    const out = createPrinter(shell, { json, wide });
    const notAfter = times.notAfter.toISOString();
    const names = server ? { hosts } : { uri: clientUri(name) };
    if (out.asJson) return out.json({ files: [certificate, key], ...names, notAfter });
    await out.line(
      `${certificate}, with ${key}, valid until ${notAfter.slice(0, 10)}: ${server ? hosts.join(", ") : names.uri}`,
    );
    if (wanted.notAfter.getTime() - endsAt.getTime() > slackMs)
      out.remark("The authority ends then, before the days that were asked for.");
    if (server) return;
    const uri = `--cert-uri ${clientUri(name)}`;
    out.remark(
      `Give it to a new principal: sitq principal create ${name} --role ROLE ${uri}\n` +
        `or to one that there is:    sitq principal set ${name} ${uri}`,
    );
  });
}

/** The authority in a directory, and when its certificate ends. @throws CommandFailure if there is none that can sign */
async function open(directory: string): Promise<{ readonly authority: Authority; readonly endsAt: Date }> {
  const [certificatePath, keyPath] = [join(directory, "ca.pem"), join(directory, "ca-key.pem")];
  const [certificate, key] = [await contentOf(certificatePath), await contentOf(keyPath)];
  // What it needs takes longer to load than most commands run.
  const { openAuthority } = await import("./certificates.ts");
  let authority: Authority;
  let endsAt: Date;
  try {
    const own = new X509Certificate(certificate);
    if (!own.checkPrivateKey(createPrivateKey(key))) throw new Error("The key is that of another certificate.");
    endsAt = own.validToDate;
    authority = await openAuthority({ certificate, key });
  } catch (error) {
    const hint = "It works with the authority of sitq tls init alone.";
    throw new CommandFailure(`${certificatePath} and ${keyPath} are no authority that can sign`, {
      cause: error,
      hint,
    });
  }
  if (endsAt.getTime() > Date.now()) return { authority, endsAt };
  throw new CommandFailure(`the authority in ${certificatePath} ended at ${endsAt.toISOString()}`, {
    exitCode: exitCodes.refused,
    hint: "Make another one in a new directory: sitq tls init DIRECTORY",
  });
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const hint = "Make an authority: sitq tls init DIRECTORY";
    throw new CommandFailure(`cannot read ${path}: ${systemErrorText(error)}`, { cause: error, hint });
  }
}

/** Writes both files, the key first: a pair is whole once its certificate is there. */
async function writePair(paths: CertificatePair, content: CertificatePair, force: boolean): Promise<void> {
  const options = { replace: force, hint: forceHint };
  const key = await createNewFile(paths.key, options);
  try {
    const certificate = await createNewFile(paths.certificate, options);
    try {
      await key.write(Buffer.from(content.key));
      await certificate.write(Buffer.from(content.certificate));
      await key.finish();
      await certificate.finish();
      // As `sitq tls init` leaves it: a certificate is no secret.
      await chmod(paths.certificate, 0o644);
    } finally {
      await certificate.discard();
    }
  } finally {
    await key.discard();
  }
}

/** Reads a name that is not one of the authority's files or of another certificate's key. */
function parseName(text: string): string {
  const name = parseClient(text);
  if (name !== "ca" && !name.endsWith("-key")) return name;
  throw new InvalidArgumentError(`${name}.pem is a file of another certificate.`);
}
