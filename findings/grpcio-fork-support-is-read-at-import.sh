#!/usr/bin/env bash
# grpcio 1.85.1 (Python 3.11): the variable GRPC_ENABLE_FORK_SUPPORT is read while `grpc` is imported, not with the first channel or at the
# fork. A program, or a library that wraps grpcio, which sets it to 0 after an import of `grpc` turns nothing off, although no channel was
# made before: at each os.fork() gRPC's core still runs its fork handlers, and says so with the asyncio API, whose thread is always inside gRPC.
# Set before the import, it is heeded.
#
# Seen:
#   after the import:  fork_posix.cc:71] Other threads are currently calling into gRPC, skipping fork() handlers
#   before the import: (nothing)
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q grpcio==1.85.1

cat > "$dir/forks.py" <<'PROGRAM'
import os, sys

if sys.argv[1] == "before":
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
import asyncio
import grpc

if sys.argv[1] == "after":
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"


async def main():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await asyncio.wait_for(channel.channel_ready(), 10)
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    await server.stop(None)


asyncio.run(main())
PROGRAM

said() { env -u GRPC_ENABLE_FORK_SUPPORT timeout 60 "$dir/venv/bin/python" "$dir/forks.py" "$1" 2>&1 | grep -c "fork_posix.cc" || true; }
after=$(said after)
before=$(said before)
echo "lines of gRPC's fork handlers: set after the import: $after, set before the import: $before"
[[ $after -ge 1 && $before -eq 0 ]] || { echo "CHANGED"; exit 1; }
echo "as described"
