#!/usr/bin/env bash
# @bufbuild/cel 0.6.1: a key whose value is null is not there for has() and in.
#
# CEL asks the map for its key. The map's has() compares what get() answers with `!= undefined`, which null is not.
#
# Seen with Node 24.21.0:
#   has(input.nul) -> false
#   'nul' in input -> false
#   'nul' in {'nul': null} -> false
#   input.nul == null -> true
#   size(input) -> 1
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @bufbuild/cel@0.6.1
cat > run.mjs <<'JS'
import { celEnv, isCelError, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";

const env = celEnv({ funcs: strings });
const shown = (value) => {
  if (isCelError(value)) return `error: ${value.message}`;
  if (value?.size !== undefined && value[Symbol.iterator]) return JSON.stringify([...value]);
  if (value?.desc) return `${value.desc.typeName} ${value.message.seconds}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
};
for (const text of [
  "has(input.nul)",
  "'nul' in input",
  "'nul' in {'nul': null}",
  "input.nul == null",
  "size(input)",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({ input: new Map([["nul", null]]) }))}`);
JS
cat > expected.txt <<'TXT'
has(input.nul) -> false
'nul' in input -> false
'nul' in {'nul': null} -> false
input.nul == null -> true
size(input) -> 1
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
