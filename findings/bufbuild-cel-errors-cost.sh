#!/usr/bin/env bash
# @bufbuild/cel 0.6.1 goes on through a macro whose every round ends with an error, and makes an Error with a trace for each.
#
# all() and exists() pass over errors, as CEL has it, so that an error which a function throws to stop a costly expression stops nothing: the function
# is called again for each of the items that are left.
#
# Seen with Node 24.21.0:
#   [1, 2, 3, 4, 5].all(x, count(x)) -> error: enough
#   calls() -> 5
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @bufbuild/cel@0.6.1
cat > run.mjs <<'JS'
import { CelScalar, celEnv, celFunc, isCelError, parse, plan } from "@bufbuild/cel";

let calls = 0;
const env = celEnv({
  funcs: [
    celFunc("count", [CelScalar.INT], CelScalar.BOOL, () => {
      calls++;
      throw new Error("enough");
    }),
    celFunc("calls", [], CelScalar.INT, () => BigInt(calls)),
  ],
});
const shown = (value) => {
  if (isCelError(value)) return `error: ${value.message}`;
  if (value?.size !== undefined && value[Symbol.iterator]) return JSON.stringify([...value]);
  if (value?.desc) return `${value.desc.typeName} ${value.message.seconds}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
};
for (const text of [
  "[1, 2, 3, 4, 5].all(x, count(x))",
  "calls()",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({}))}`);
JS
cat > expected.txt <<'TXT'
[1, 2, 3, 4, 5].all(x, count(x)) -> error: enough
calls() -> 5
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
