import { existsSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { App } from "./app.ts";
import { type Config, clientAuthOf, settings } from "./config/settings.ts";
import { formatHostPort, parseHostPort } from "./contract/host-port.ts";
import { version } from "./version.ts";

/** What the server writes to standard output once it listens: where, on what, and a command to try. */
export function greeting(
  { address, data, notices }: Pick<App, "address" | "data" | "notices">,
  config: Config,
): string {
  const loud = notices.map((notice) => `\n  WARNING     ${notice}`).join("");
  const page = consoleUrl(address, config);
  const command = [commandName(process.env), `enqueue hello greet '{"name":"you"}'`, ...callOptions(address, config)];
  return `sitq ${version} is serving.${loud}
  listens on  ${address}
  keeps data  ${data.location}${data.isNew ? " (a new database)" : ""}${page === null ? "" : `\n  console     ${page}`}
  try         ${command.join(" ")}`;
}

/** Where a browser on this machine finds the console; `null`: it is off. */
function consoleUrl(address: string, { http, console, tlsCertPath }: Config): string | null {
  if (http === "off" || console === "off") return null;
  const isPlain = tlsCertPath === null;
  return `${isPlain ? "http" : "https"}://${reachable(address, isPlain ? settings.listen.defaultValue.host : "localhost")}/console/`;
}

/** How a command on this machine calls the server. The words in capitals are for the operator to replace: the server does not know them. */
function callOptions(address: string, config: Config): string[] {
  const { auth, tlsCertPath, bootstrapTokenFilePath: tokenFile } = config;
  const options: string[] = [];
  const callAddress = reachable(address, tlsCertPath === null ? settings.listen.defaultValue.host : "localhost");
  if (callAddress !== formatHostPort(settings.listen.defaultValue)) options.push(`--address ${callAddress}`);
  if (tlsCertPath !== null) {
    options.push("--tls-ca CA.pem");
    if (clientAuthOf(config) === "require") options.push("--tls-cert CLIENT.pem --tls-key CLIENT.key");
  }
  if (auth === "on") {
    options.push(`--token-file ${tokenFile !== null && existsSync(tokenFile) ? shellWord(tokenFile) : "TOKEN"}`);
  }
  return options;
}

/** An address by which this machine reaches what listens; of all its addresses, `host`. */
function reachable(address: string, host: string): string {
  const place = parseHostPort(address);
  if (place === undefined || !["0.0.0.0", "::"].includes(place.host)) return address;
  return formatHostPort({ ...place, host });
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** How the command is called at this place: npm puts folders on the PATH of what it runs that a shell does not have. */
function commandName({ PATH = "", npm_command: npmCommand }: NodeJS.ProcessEnv): string {
  const folders = PATH.split(delimiter).filter((folder) => folder !== "" && !folder.includes("node_modules"));
  if (folders.some((folder) => existsSync(join(folder, "sitq")))) return "sitq";
  if (npmCommand === "exec") return "npx sitq";
  const launcher = fileURLToPath(new URL("../bin/sitq", import.meta.url));
  const fromHere = relative(process.cwd(), launcher);
  return fromHere.startsWith("..") ? launcher : fromHere;
}
