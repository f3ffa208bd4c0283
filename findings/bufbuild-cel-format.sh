#!/usr/bin/env bash
# @bufbuild/cel 0.6.1, extension strings: format() rounds the shortest text of a double and not the double.
#
# 2.675 is a little less than that, so that two digits are 2.67; 0.05 is a little more, so that one digit is 0.1. (cel-go answers these.) A whole
# number is refused where %f stands.
#
# Seen with Node 24.21.0:
#   '%.2f'.format([2.675]) -> "2.68"
#   '%.1f'.format([0.05]) -> "0.0"
#   '%.2f'.format([7]) -> error: invalid argument to function format: fixed-point clause can only be used on doubles
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
  "'%.2f'.format([2.675])",
  "'%.1f'.format([0.05])",
  "'%.2f'.format([7])",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({}))}`);
JS
cat > expected.txt <<'TXT'
'%.2f'.format([2.675]) -> "2.68"
'%.1f'.format([0.05]) -> "0.0"
'%.2f'.format([7]) -> error: invalid argument to function format: fixed-point clause can only be used on doubles
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
