#!/usr/bin/env bash
# A client of Node's http2 (Node 24.21.0) resets its own new requests with ENHANCE_YOUR_CALM when about 10 MB of others are not sent yet.
#
# ENHANCE_YOUR_CALM (11) is what a server says to a client that does too much (RFC 9113, 7). Here the server is only slow to read, and refuses
# nothing: the client's session has reached its `maxSessionMemory`, whose documentation says that existing streams go on and new ones are
# rejected, not by whom and how that looks. The bodies that wait in the client count, so six requests of 4 MiB at a time suffice. Of a
# proxy or a gRPC library above, the code reads as a refusal of the server (RESOURCE_EXHAUSTED). With a larger `maxSessionMemory` all six pass.
# @grpc/grpc-js sets that to a very large value by itself; what is built on http2.connect() directly does not.
#
# Seen:
#   by default: 2 of 6 requests were answered, 4 were reset with code 11; the client aborted 4 of 6
#   with maxSessionMemory 1000: 6 of 6 requests were answered, 0 were reset with code 11; the client aborted 0 of 6
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund node@24.21.0
cat > run.mjs <<'JS'
import { once } from "node:events";
import { connect, createServer } from "node:http2";

const requests = 6;
const body = Buffer.alloc(4 * 1024 * 1024);

async function run(name, options) {
  let seen = 0;
  let aborted = 0;
  const reading = Promise.withResolvers();
  const server = createServer({ maxSessionMemory: 1000 });
  server.on("stream", async (stream) => {
    seen++;
    stream.on("error", () => undefined);
    // Before it has taken anything of the body: the reset came from the client.
    stream.once("aborted", () => aborted++);
    stream.respond({ ":status": 200 });
    // Flow control: nothing of the body is taken until then.
    await reading.promise;
    stream.resume();
    stream.on("end", () => stream.end("done"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${server.address().port}`, options);
  await once(session, "remoteSettings");
  const codes = [];
  const ended = [];
  for (let n = 0; n < requests; n++) {
    const stream = session.request({ ":method": "POST", ":path": "/" });
    stream.on("error", () => undefined);
    ended.push(new Promise((resolve) => stream.once("close", () => resolve(codes.push(stream.rstCode)))));
    stream.resume();
    stream.end(body);
    // Each is handed to the session before the next one begins.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  reading.resolve();
  await Promise.all(ended);
  session.destroy();
  server.close();
  const reset = codes.filter((code) => code === 11).length;
  const answered = codes.filter((code) => code === 0).length;
  console.log(`${name}: ${answered} of ${requests} requests were answered, ${reset} were reset with code 11; the client aborted ${aborted} of ${seen}`);
  return { answered, reset, aborted };
}

const usual = await run("by default", {});
const large = await run("with maxSessionMemory 1000", { maxSessionMemory: 1000 });
const isSo =
  usual.answered > 0 && usual.reset > 0 && usual.answered + usual.reset === requests && usual.aborted === usual.reset && large.answered === requests;
process.exitCode = isSo ? 0 : 1;
JS
npx node run.mjs
