#!/usr/bin/env bash
# @bufbuild/cel 0.6.1, extension strings: split with a limit drops the rest, and texts are counted in UTF-16.
#
# cel-go keeps the rest in the last piece ("b,,c") and counts code points, as size() of this package does too.
#
# Seen with Node 24.21.0:
#   'a,b,,c'.split(',', 2) -> ["a","b"]
#   '🙂a'.size() -> 2
#   '🙂a'.indexOf('a') -> 2
#   '🙂a'.substring(2) -> "a"
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
  "'a,b,,c'.split(',', 2)",
  "'\ud83d\ude42a'.size()",
  "'\ud83d\ude42a'.indexOf('a')",
  "'\ud83d\ude42a'.substring(2)",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({}))}`);
JS
cat > expected.txt <<'TXT'
'a,b,,c'.split(',', 2) -> ["a","b"]
'🙂a'.size() -> 2
'🙂a'.indexOf('a') -> 2
'🙂a'.substring(2) -> "a"
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
