#!/usr/bin/env bash
# grpcurl 1.9.3 with `-proto` prints the details of an error in base64, those of google.rpc too, unless their file is named as well.
#
# The details (google.rpc.ErrorInfo and the others) are the standard ones, which grpcurl links itself, as its reading of google.rpc.Status
# shows. With server reflection it asks the server for them. With `-proto` it knows only what the named files import, and a service's
# file does not import what its errors carry: the reason cannot be read, and nothing says that a further `-proto` would show it.
#
# Seen:
#   -proto shop.proto: "@error": "google.rpc.ErrorInfo is not recognized; see @value for raw binary message data"
#   -proto shop.proto -proto google/rpc/error_details.proto: "reason": "OUT_OF_STOCK"
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet grpcio==1.85.1 grpcio-status==1.85.1 googleapis-common-protos==1.76.0
GOBIN=$dir/bin GOFLAGS=-modcacherw go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
# The Python package brings the proto files.
package=$(cd venv && bin/python -c 'import google.rpc; print(list(google.rpc.__path__)[0])')
mkdir -p google/rpc
cp "$package/error_details.proto" google/rpc/
cat > shop.proto <<'PROTO'
syntax = "proto3";
package shop;
message Order {}
service Shop { rpc Buy(Order) returns (Order); }
PROTO
cat > server.py <<'PY'
import time
from concurrent import futures

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status


def buy(_request, context):
    detail = any_pb2.Any()
    detail.Pack(error_details_pb2.ErrorInfo(reason="OUT_OF_STOCK", domain="shop"))
    status = status_pb2.Status(code=9, message="none is left", details=[detail])
    context.abort_with_status(rpc_status.to_status(status))


server = grpc.server(futures.ThreadPoolExecutor(2))
handler = grpc.unary_unary_rpc_method_handler(buy)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Shop", {"Buy": handler}),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
time.sleep(120)
PY
venv/bin/python server.py > port &
server=$!
until [ -s port ]; do sleep 0.1; done

buy() { bin/grpcurl -plaintext -format-error -import-path . "$@" "127.0.0.1:$(cat port)" shop.Shop/Buy 2>&1 || true; }
alone=$(buy -proto shop.proto | grep -o '"@error": ".*"' || true)
both=$(buy -proto shop.proto -proto google/rpc/error_details.proto | grep -o '"reason": ".*"' || true)
echo "-proto shop.proto: $alone"
echo "-proto shop.proto -proto google/rpc/error_details.proto: $both"
[[ $alone == *"google.rpc.ErrorInfo is not recognized"* && $both == '"reason": "OUT_OF_STOCK"' ]]
