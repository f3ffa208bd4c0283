import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Command } from "commander";
import { wrongUsage } from "../command/command-failure.ts";
import { connectionOf } from "../command/connection-options.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { createPrinter } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { bootstrapFile } from "./bootstrap-file.ts";

interface Options {
  readonly node: string;
  readonly region: string;
  readonly zone: string;
}

/** A JWT, as `jwt_token_file` takes it: three parts of base64url. */
const jwt = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** The command `sitq xds bootstrap`: what a client of gRPC needs to call `xds:///SERVICE`. */
export function bootstrapCommand(shell: Shell): Command {
  const command = newCommand("bootstrap", {
    does: "print the bootstrap file of a client that speaks xDS",
    notes: [
      "It names this server, as the options say how it is called. GRPC_XDS_BOOTSTRAP names the file to the client.",
      "A client proves who it is by its certificate (--tls-cert), or by a JWT in a file (--token-file).",
    ].join("\n"),
    examples: [
      ["xds bootstrap > bootstrap.json", "for clients on this machine"],
      ["xds bootstrap --region eu --zone eu-1", "for clients that are to prefer instances of their zone"],
      ["xds bootstrap --tls-ca ca.pem --tls-cert shop.pem --tls-key shop-key.pem", "with TLS and a certificate"],
    ],
  });
  command
    .option("--node <id>", "the client's name for itself, which the server logs", hostname())
    .option("--region <name>", "the region where the client runs", "")
    .option("--zone <name>", "the zone where the client runs", "");
  return command.action(async () => {
    const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
    const { options: connection } = connectionOf(shell, command);
    const { token, tokenFile, tls = false } = connection;
    if (token !== undefined) throw wrongUsage("a bootstrap file names the token by its file: use --token-file");
    if (tokenFile !== undefined) {
      const hint = "Give the client a certificate: sitq tls issue; or a JWT of the server's --jwt-issuer.";
      if (tls === false) throw wrongUsage("clients send tokens over TLS alone: add --tls-ca", { hint });
      const isJwt = jwt.test(readFileSync(tokenFile, "utf8").trim());
      if (!isJwt) throw wrongUsage(`${tokenFile} holds no JWT, and clients by xDS send no other tokens`, { hint });
    }
    const file = bootstrapFile({ connection, ...command.opts<Options>() });
    await createPrinter(shell, { json, wide }).line(JSON.stringify(file, null, 2));
  });
}
