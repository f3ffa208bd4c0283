#!/usr/bin/env bash
# grpclib 0.4.9 hides the status of a bidirectional stream that the server ends while the client still has it open.
#
# A server may end a stream at any time by its trailers, with a status such as ABORTED. grpclib's recv_message() then returns None, which
# it also does at a clean end, and the status is not looked at; send_message() succeeds as before. When the block of the call is left,
# grpclib raises ProtocolError("Outgoing stream was not ended"), which names the client's own side and hides the server's reason. The
# status is there only for a caller who ends its own side with end() after the None and then awaits recv_trailing_metadata().
#
# Seen with Python 3.11.7, server @grpc/grpc-js 1.14.7:
#   first message: b'hi'
#   after the server's ABORTED: None
#   leaving the block: ProtocolError: Outgoing stream was not ended
#   ended and asked for the trailers: GRPCError ABORTED replaced
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7
python3 -m venv env
env/bin/pip install --quiet grpclib==0.4.9
cat > server.mjs <<'JS'
import { Server, ServerCredentials, status } from "@grpc/grpc-js";

const bytes = (value) => value;
const say = {
  path: "/test.Echo/Say", requestStream: true, responseStream: true,
  requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes,
};
const server = new Server();
server.addService({ say }, { say: (call) => {
  call.on("error", () => {});
  call.once("data", () => {
    call.write(Buffer.from("hi"));
    setTimeout(() => call.emit("error", { code: status.ABORTED, details: "replaced" }), 100);
  });
} });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
JS
cat > run.py <<'PY'
import asyncio
import sys

from grpclib.client import Channel
from grpclib.const import Cardinality
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError, ProtocolError


class Raw(CodecBase):
    __content_subtype__ = "proto"

    def encode(self, message, message_type):
        return message

    def decode(self, data, message_type):
        return data


async def call(channel, asks):
    found = []
    try:
        async with channel.request("/test.Echo/Say", Cardinality.STREAM_STREAM, bytes, bytes) as stream:
            await stream.send_message(b"x")
            found.append(f"first message: {await stream.recv_message()}")
            found.append(f"after the server's ABORTED: {await stream.recv_message()}")
            if asks:
                await stream.end()
                await stream.recv_trailing_metadata()
    except ProtocolError as error:
        found.append(f"leaving the block: ProtocolError: {error}")
    except GRPCError as error:
        found.append(f"ended and asked for the trailers: GRPCError {error.status.name} {error.message}")
    return found


async def main():
    channel = Channel("127.0.0.1", int(sys.argv[1]), codec=Raw())
    found = await call(channel, False)
    found.append((await call(channel, True))[-1])
    channel.close()
    print("\n".join(found))
    expected = [
        "first message: b'hi'",
        "after the server's ABORTED: None",
        "leaving the block: ProtocolError: Outgoing stream was not ended",
        "ended and asked for the trailers: GRPCError ABORTED replaced",
    ]
    return 0 if found == expected else 1


sys.exit(asyncio.run(asyncio.wait_for(main(), 30)))
PY
node server.mjs > port & pid=$!
for _ in $(seq 50); do [[ -s port ]] && break; sleep 0.1; done
env/bin/python run.py "$(cat port)"
