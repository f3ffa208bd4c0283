import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { wrongUsage } from "../command/command-failure.ts";
import { connectionOf } from "../command/connection-options.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { createPrinter } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { bootstrapFile } from "./bootstrap-file.ts";
import { jwtFileProblem } from "./jwt-file.ts";

interface Options {
  readonly node: string;
  readonly region: string;
  readonly zone: string;
}

/** The longest name of a node, a region or a zone, in bytes: as the server takes them. */
const mostBytes = 100;

/** The command `sitq xds bootstrap`: what a client of gRPC needs to call `xds:///SERVICE`. */
export function bootstrapCommand(shell: Shell): Command {
  const command = newCommand("bootstrap", {
    does: "print the bootstrap file of a client that speaks xDS",
    notes: [
      "It names this server, as the options say how it is called. GRPC_XDS_BOOTSTRAP names the file to the client.",
      "A client proves who it is by its certificate (--tls-cert), or by a JWT in a file (--token-file), which grpc-go and grpcio",
      "send where GRPC_EXPERIMENTAL_XDS_BOOTSTRAP_CALL_CREDS=true is set.",
    ].join("\n"),
    examples: [
      ["xds bootstrap > bootstrap.json", "for clients on this machine"],
      ["xds bootstrap --region eu --zone eu-1", "for clients that are to prefer instances of their zone"],
      [
        "xds bootstrap --address sitq.internal:50051 --tls-ca ca.pem --tls-cert shop.pem --tls-key shop-key.pem",
        "for clients on other machines, with TLS and a certificate",
      ],
    ],
  });
  command
    .option("--node <id>", "the client's name for itself, which the server logs", parseNode, hostname())
    .option("--region <name>", "the region where the client runs", parseName, "")
    .option("--zone <name>", "the zone where the client runs", parseName, "");
  return command.action(async () => {
    const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
    const { options: connection } = connectionOf(shell, command);
    const { token, tokenFile, tls = false } = connection;
    if (token !== undefined) throw wrongUsage("a bootstrap file names the token by its file: use --token-file");
    if (typeof tls === "object" && tls.serverName !== undefined) {
      const hint = "Call the server by a name that is in its certificate: --address NAME:PORT.";
      throw wrongUsage("clients by xDS expect the name of the address in the server's certificate, no other one", {
        hint,
      });
    }
    if (tokenFile !== undefined) {
      const hint = "Give the client a certificate: sitq tls issue; or a JWT of the server's --jwt-issuer.";
      if (tls === false) throw wrongUsage("clients send tokens over TLS alone: add --tls-ca", { hint });
      const problem = jwtFileProblem(readFileSync(tokenFile, "utf8"));
      if (problem !== undefined) throw wrongUsage(`${tokenFile} ${problem}`, { hint });
    }
    const file = bootstrapFile({ connection, ...command.opts<Options>() });
    await createPrinter(shell, { json, wide }).line(JSON.stringify(file, null, 2));
  });
}

function parseNode(text: string): string {
  if (text === "") throw new InvalidArgumentError("Expected a name.");
  return parseName(text);
}

function parseName(text: string): string {
  if (Buffer.byteLength(text) > mostBytes) throw new InvalidArgumentError(`Expected at most ${mostBytes} bytes.`);
  if (/\p{Cc}/u.test(text)) throw new InvalidArgumentError("Expected no control characters.");
  return text;
}
