#!/usr/bin/env bash
# A server of grpc-js (@grpc/grpc-js 1.14.7, Node 24.21.0) whose certificates come from a provider takes ciphers that it did not offer.
#
# `experimental.createCertificateProviderServerCredentials` puts the ciphers (GRPC_SSL_CIPHER_SUITES, or its own list) beside the secure
# context, as options of the listener, and hands each update of the provider to `tls.Server.setSecureContext` as `{ca, cert, key}`. That
# call replaces all rules of the handshake by what it is given (Node's documentation of setSecureContext says "existing connections are
# not interrupted", and nothing of this). The providers read their files after the listener was made, so every connection has Node's
# defaults. Whoever sets ciphers or minVersion must hand them over with each context.
#
# Seen:
#   offered: ECDHE-ECDSA-AES256-GCM-SHA384
#   taken at the first connection: ECDHE-ECDSA-AES128-SHA
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund node@24.21.0 @grpc/grpc-js@1.14.7
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2> /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { experimental, Server } from "@grpc/grpc-js";

const offered = process.env.GRPC_SSL_CIPHER_SUITES;
const files = { certificateFile: "cert.pem", privateKeyFile: "key.pem", caCertificateFile: "cert.pem", refreshIntervalMs: 1_000 };
const provider = new experimental.FileWatcherCertificateProvider(files);
const credentials = experimental.createCertificateProviderServerCredentials(provider, provider, false);
const server = new Server();
const port = await new Promise((resolve, reject) => {
  server.bindAsync("localhost:0", credentials, (error, taken) => (error ? reject(error) : resolve(taken)));
});
// The provider reads its files.
await new Promise((resolve) => setTimeout(resolve, 500));

const taken = await new Promise((resolve) => {
  const rules = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA", ca: readFileSync("cert.pem") };
  const socket = connect({ host: "localhost", port, servername: "localhost", ALPNProtocols: ["h2"], ...rules });
  socket.once("secureConnect", () => resolve(socket.getCipher().name));
  socket.once("error", (error) => resolve(`none: ${error.code}`));
});
console.log(`offered: ${offered}`);
console.log(`taken at the first connection: ${taken}`);
process.exit(taken === "ECDHE-ECDSA-AES128-SHA" ? 0 : 1);
JS
GRPC_SSL_CIPHER_SUITES=ECDHE-ECDSA-AES256-GCM-SHA384 npx node run.mjs
