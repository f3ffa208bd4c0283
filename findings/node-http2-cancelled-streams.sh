#!/usr/bin/env bash
# A server of Node's http2 (Node 24.21.0) counts streams against its `maxConcurrentStreams` that its client has just reset.
#
# A client that has as many streams open as the server allows, resets some and opens as many in the same moment, keeps to the limit:
# a reset stream is closed (RFC 9113, 5.1 and 5.1.2), and the frames arrive in this order. The server refuses each of the new
# streams, with ENHANCE_YOUR_CALM (11), where RFC 9113 asks for REFUSED_STREAM or PROTOCOL_ERROR of streams beyond the limit. With a
# pause between the resets and the new streams it takes all. gRPC makes RESOURCE_EXHAUSTED of the code ("Bandwidth exhausted or memory
# limit exceeded" in grpc-js), which is not the status of a call that may be repeated.
#
# Seen:
#   at once: 10 of 10 new streams refused, code 11
#   after 100 ms: 0 of 10 new streams refused
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
import { connect, constants, createServer } from "node:http2";

const most = 10;
const server = createServer({ settings: { maxConcurrentStreams: most } });
server.on("stream", (stream, headers) => {
  stream.on("error", () => undefined);
  stream.respond({ ":status": 200 });
  if (headers[":path"] === "/open") stream.write("open");
  else stream.end("done");
});
await once(server.listen(0, "127.0.0.1"), "listening");

async function refused(pauseMs) {
  const session = connect(`http://127.0.0.1:${server.address().port}`);
  await once(session, "remoteSettings");
  const open = Array.from({ length: most }, () => session.request({ ":path": "/open" }));
  await Promise.all(open.map((stream) => once(stream, "data")));
  for (const stream of open) stream.close(constants.NGHTTP2_CANCEL);
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  const codes = await Promise.all(
    Array.from({ length: most }, async () => {
      const stream = session.request({ ":path": "/short" });
      stream.on("error", () => undefined);
      stream.resume();
      await new Promise((resolve) => stream.once("close", resolve));
      return stream.rstCode;
    }),
  );
  session.destroy();
  return codes.filter((code) => code !== 0);
}

const atOnce = await refused(0);
console.log(`at once: ${atOnce.length} of ${most} new streams refused, code ${[...new Set(atOnce)]}`);
const later = await refused(100);
console.log(`after 100 ms: ${later.length} of ${most} new streams refused`);
server.close();
process.exitCode = atOnce.length === most && atOnce.every((code) => code === 11) && later.length === 0 ? 0 : 1;
JS
npx node run.mjs
