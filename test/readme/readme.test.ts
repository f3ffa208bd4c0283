import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { missing } from "../grpcurl/grpcurl.ts";
import { type StartedServer, startServer } from "../harness/server-process.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { type Block, blocksOf, missingIn, runBlock } from "./blocks.ts";

/** Every page that can have marked blocks. */
const pages = [
  ...["README.md", "test/readme/sample.md"].filter((path) => existsSync(path)),
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
]
  .map((path) => ({ path, blocks: blocksOf(readFileSync(path, "utf8")) }))
  .filter(({ path, blocks }) => blocks.length > 0 || path === "README.md");

/** The programs that blocks use beside our own, each with why it cannot run; `null`: it is there. */
const programs: Readonly<Record<string, string | null>> = {
  "curl ": spawnSync("curl", ["--version"]).error === undefined ? null : "curl is not on the PATH",
  grpcurl: missing,
  jq: spawnSync("jq", ["--version"]).error === undefined ? null : "jq is not on the PATH (.ci/run installs it)",
};

for (const [program, why] of Object.entries(programs)) {
  if (why !== null) process.stderr.write(`SKIPPED: the blocks of pages that use ${program}: ${why}\n`);
}

/** Why a block cannot run here; `null`: it can. */
function missingFor({ language, code }: Block): string | null {
  const uses = Object.keys(programs).filter((program) => language === "sh" && code.includes(program));
  return uses.map((program) => programs[program] ?? null).find((why) => why !== null) ?? null;
}

describe.each(pages)("$path", ({ blocks }) => {
  let dir: TempDir;
  let server: StartedServer;
  beforeAll(async () => {
    dir = await createTempDir();
    server = await startServer({ db: dir.file("sitq.db") });
  });
  afterAll(async () => {
    await server.kill();
    await dir.remove();
  });

  test.for(blocks)("$name runs", async (block, { skip }) => {
    const why = missingFor(block);
    skip(why !== null, why ?? "");
    const { code, output } = await runBlock(block, server.address);
    expect(code, output).toBe(0);
    expect(missingIn(output, block.prints), output).toBeUndefined();
  });

  test("has a block that is run", () => expect(blocks).not.toEqual([]));
});

describe("the marks", () => {
  it("finds each marked block with its name, its language and what it prints", () => {
    expect(blocksOf(readFileSync("test/readme/sample.md", "utf8"))).toMatchObject([
      { name: "a call by grpcurl", language: "sh", prints: ['"task": {', '"id": "…",', '"created": true'] },
      { name: "the block at line 21", language: "ts", prints: ["greet completed"] },
    ]);
  });

  it.each(["<!-- run -->\n\n```sh\ntrue\n```", "<!-- run -->\n```json\n{}\n```", "<!-- run -->\n```sh\ntrue"])(
    "refuses a mark without a block that can be run: %j",
    (page) => {
      expect(() => blocksOf(page)).toThrow("line 1: a mark without a block");
    },
  );

  it("takes what a block prints in order, with gaps", () => {
    const output = "one\ntwo (2)\nthree\n";
    expect(missingIn(output, ["one", "two (…)", "three"])).toBeUndefined();
    expect(missingIn(output, ["two", "one"])).toBe("one");
    expect(missingIn(output, ["one…two"])).toBe("one…two");
  });

  it("takes the exit code of a block for what it is", async () => {
    const block = { name: "", prints: [] };
    expect(await runBlock({ ...block, language: "sh", code: "false\ntrue" }, "")).toMatchObject({ code: 1 });
    expect(await runBlock({ ...block, language: "ts", code: "process.exit(3 as number)" }, "")).toMatchObject({
      code: 3,
    });
    const address = { ...block, language: "sh", code: "echo 127.0.0.1:50051 $SITQ_ADDRESS" } as const;
    expect(await runBlock(address, "127.0.0.1:7")).toEqual({ code: 0, output: "127.0.0.1:7 127.0.0.1:7\n" });
  });
});
