#!/usr/bin/env bash
# @bufbuild/protobuf 2.17.0 reads a google.protobuf.Value without a kind from bytes, and refuses to write it as JSON.
#
# Such a value is easily made (`list_value.values.add()` in Python) and is valid on the wire. One within a message makes the whole message unprintable,
# as in Go's protojson.
#
# Seen with Node 24.21.0:
#   values: 1, kind: undefined
#   JSON: Error
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @bufbuild/protobuf@2.17.0
cat > run.mjs <<'JS'
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { ListValueSchema, ValueSchema } from "@bufbuild/protobuf/wkt";

const sent = toBinary(ListValueSchema, create(ListValueSchema, { values: [create(ValueSchema)] }));
const read = fromBinary(ListValueSchema, sent);
console.log(`values: ${read.values.length}, kind: ${read.values[0].kind.case}`);
try {
  console.log(`JSON: ${JSON.stringify(toJson(ListValueSchema, read))}`);
} catch (error) {
  console.log(`JSON: ${error.name}`);
}
JS
cat > expected.txt <<'TXT'
values: 1, kind: undefined
JSON: Error
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
