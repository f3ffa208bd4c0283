#!/usr/bin/env bash
# nginx 1.22.1 applies client_max_body_size to a gRPC stream as a whole, not to a message.
#
# A bidirectional stream over grpc_pass has one request body that goes on as long as the stream does. With the default of 1 MiB nginx
# ends the stream once the client has sent 1 MiB in all, however small each message is and however long that took. The error log says
# "client intended to send too large chunked body"; the client is told nothing of HTTP 413. A stream that lives for days and sends
# small messages therefore breaks again and again, at moments that look random. `client_max_body_size 0` lifts the bound.
#
# Seen with nginx 1.22.1 (Debian 12) and grpcio 1.85.1, messages of 16 KiB, at most 4 MiB:
#   default: the stream ended after 1.0 MiB
#   client_max_body_size 0: 4.0 MiB went through
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv env
env/bin/pip install --quiet grpcio==1.85.1
apt-get download -qq nginx=1.22.1-9+deb12u11 >/dev/null
dpkg -x nginx_*.deb nginx
cat > ports.py <<'PY'
import socket
sockets = [socket.socket() for _ in range(3)]
for each in sockets:
    each.bind(("127.0.0.1", 0))
print(*[each.getsockname()[1] for each in sockets])
PY
read -r backend bounded unbounded < <(python3 ports.py)
cat > nginx.conf <<CONF
daemon off;
pid $dir/nginx.pid;
error_log $dir/error.log;
events {}
http {
  access_log off;
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
  server { listen 127.0.0.1:$bounded http2; location / { grpc_pass grpc://127.0.0.1:$backend; } }
  server { listen 127.0.0.1:$unbounded http2; client_max_body_size 0; location / { grpc_pass grpc://127.0.0.1:$backend; } }
}
CONF
cat > serve.py <<'PY'
import sys
from concurrent.futures import ThreadPoolExecutor
import grpc

def say(requests, context):
    for request in requests:
        yield request[:8]

class Handlers(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.stream_stream_rpc_method_handler(say)

server = grpc.server(ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((Handlers(),))
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
server.wait_for_termination()
PY
cat > call.py <<'PY'
import queue, sys
import grpc

SIZE, MOST = 16 * 1024, 4 * 1024 * 1024
channel = grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}")
grpc.channel_ready_future(channel).result(20)
outbox = queue.Queue()
call = channel.stream_stream("/test.Echo/Say")(iter(outbox.get, None), timeout=60)
answered = 0
try:
    for _ in range(MOST // SIZE):
        outbox.put(b"x" * SIZE)
        next(call)
        answered += SIZE
except (grpc.RpcError, StopIteration):
    pass
outbox.put(None)
print(f"{answered / 1048576:.1f}")
PY
env/bin/python serve.py "$backend" & pids+=($!)
"$dir/nginx/usr/sbin/nginx" -p "$dir" -c "$dir/nginx.conf" 2>/dev/null & pids+=($!)
sleep 2
default=$(env/bin/python call.py "$bounded")
lifted=$(env/bin/python call.py "$unbounded")
echo "default: the stream ended after $default MiB"
echo "client_max_body_size 0: $lifted MiB went through"
[[ $default == 1.0 && $lifted == 4.0 ]]
