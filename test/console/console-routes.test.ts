import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Bundle, readBundle } from "../../src/console/bundle.ts";
import { consoleRoutes } from "../../src/console/console-routes.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { startRpcHarness } from "../rpc/rpc-harness.ts";

function fileOf(text: string, contentType: string, isImmutable: boolean) {
  return { contentType, bytes: Buffer.from(text), gzipped: gzipSync(text), isImmutable };
}

const bundle: Bundle = new Map([
  ["index.html", fileOf("<!doctype html>", "text/html; charset=utf-8", false)],
  ["assets/main-1.js", fileOf("run()", "text/javascript; charset=utf-8", true)],
]);

async function open(served: Bundle | null = bundle) {
  const { address } = await startRpcHarness({ routes: consoleRoutes(served) });
  return (path: string, options?: RequestInit) => fetch(`http://${address}${path}`, { redirect: "manual", ...options });
}

test("the page is found from the root, by redirects that hold below the path of a proxy", async () => {
  const get = await open();
  for (const path of ["/", "/console"]) {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "console/"]);
  }
  const page = await get("/console/");
  expect([page.status, page.headers.get("content-type"), page.headers.get("cache-control")]).toEqual([
    200,
    "text/html; charset=utf-8",
    "no-cache",
  ]);
  expect(await page.text()).toBe("<!doctype html>");
});

test("files whose names change with their content are kept by browsers, and sent compressed", async () => {
  const get = await open();
  const plain = await get("/console/assets/main-1.js", { headers: { "accept-encoding": "identity" } });
  expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(await plain.text()).toBe("run()");
  const compressed = await get("/console/assets/main-1.js", { headers: { "accept-encoding": "gzip" } });
  expect(compressed.headers.get("content-encoding")).toBe("gzip");
  expect(await compressed.text()).toBe("run()");
});

test("the policy of every file lets the page reach its own server alone", async () => {
  const get = await open();
  for (const path of ["/console/", "/console/assets/main-1.js"]) {
    const { headers } = await get(path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test.each(["/console/nothing", "/console/../package.json", "/console/index%2ehtml", "/console/assets/"])(
  "%s is no file of it",
  async (path) => {
    const get = await open();
    expect((await get(path)).status).toBe(404);
  },
);

test("where it is not built, the page says what to run", async () => {
  await using dir = await createTempDir();
  expect(await readBundle(dir.path)).toBeNull();
  const get = await open(null);
  const answer = await get("/console/");
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("npm ci builds it");
});

test("a server serves the console that npm ci has built, of at most 150 kB, unless it is off", async () => {
  await using server = await startServer();
  const page = await (await fetch(`http://${server.address}/console/`)).text();
  const paths = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path = ""]) => path);
  expect(paths.some((path) => path.endsWith(".js"))).toBe(true);
  expect(paths.some((path) => path.endsWith(".css"))).toBe(true);
  for (const path of paths) expect((await fetch(`http://${server.address}/console/${path}`)).status).toBe(200);
  const files = [...((await readBundle())?.values() ?? [])];
  expect(files.reduce((sum, { gzipped }) => sum + gzipped.byteLength, 0)).toBeLessThan(150_000);
  for (const { bytes, gzipped } of files) expect(gunzipSync(gzipped).equals(Buffer.from(bytes))).toBe(true);
  expect(readFileSync("console/index.html", "utf8")).not.toMatch(/<script(?![^>]* src=)|style=|\son[a-z]+=/);

  await using silent = await startServer({ config: { console: "off" } });
  expect((await fetch(`http://${silent.address}/console/`)).status).toBe(404);
});
