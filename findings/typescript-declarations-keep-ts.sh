#!/usr/bin/env bash
# TypeScript 7.0.2 rewrites `./b.ts` to `./b.js` in JavaScript, and leaves `./b.ts`, a file that it does not write, in declarations.
#
# `rewriteRelativeImportExtensions` is documented as rewriting relative imports in output files. With `declaration` the output is a.js,
# a.d.ts, b.js and b.d.ts; a.js imports "./b.js", a.d.ts exports from "./b.ts". TypeScript itself finds b.d.ts by that name. What resolves
# the path as it is written does not: Node's resolver and bundlers among them (microsoft/TypeScript issue 61037, open). A package that is
# built so has to rewrite its declarations itself.
#
# Seen with Node 20.20.2 and Node 24.21.0:
#   a.js: export { b } from "./b.js";
#   a.d.ts: export { b } from "./b.ts";
#   written: a.d.ts a.js b.d.ts b.js
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund typescript@7.0.2
mkdir src
echo 'export { b } from "./b.ts";' > src/a.ts
echo 'export const b: number = 1;' > src/b.ts
npx --no-install tsc --module nodenext --target es2022 --rewriteRelativeImportExtensions --declaration --rootDir src --outDir out \
  src/a.ts --types ''
result="a.js: $(cat out/a.js)
a.d.ts: $(cat out/a.d.ts)
written: $(cd out && echo *)"
echo "$result"
[ "$result" = 'a.js: export { b } from "./b.js";
a.d.ts: export { b } from "./b.ts";
written: a.d.ts a.js b.d.ts b.js' ]
