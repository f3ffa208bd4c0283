import { spawnSync } from "node:child_process";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { type LogFormat, type LogLevel, logLevels, silentLog } from "../src/domain/log.ts";
import { createLog } from "../src/log.ts";

type Line = Record<string, unknown>;

/** A log whose lines are kept. */
function recorder(level: LogLevel = "trace", format: LogFormat = "json") {
  const written: string[] = [];
  const clock = { now: () => Date.UTC(2025, 0, 2, 3, 4, 5, 6) };
  const log = createLog({ level, format, clock, destination: { write: (line) => void written.push(line) } });
  return { log, written, lines: () => written.map((line): Line => JSON.parse(line)) };
}

test("a line is one JSON object with the level, the clock's time, the facts and the message", () => {
  const { log, written, lines } = recorder();
  log.info({ queue: "orders", payloadBytes: 12 }, "Stored.");
  expect(lines()).toEqual([
    { level: "info", time: "2025-01-02T03:04:05.006Z", queue: "orders", payloadBytes: 12, msg: "Stored." },
  ]);
  expect(written[0]).toMatch(/^[^\n]+\n$/);
});

test("every level lets through itself and the graver ones", () => {
  for (const level of logLevels) {
    const { log, lines } = recorder(level);
    const methods = logLevels.filter((name) => name !== "silent");
    for (const name of methods) log[name]({}, name);
    expect(lines().map(({ msg }) => msg)).toEqual(methods.slice(0, logLevels.indexOf(level)));
  }
});

test("nobody writes a line of his own, or moves a terminal's cursor", () => {
  const { log, written, lines } = recorder();
  const hostile = 'x\n{"level":"fatal"}\r\u001b[2J\u2028';
  log.warn({ [hostile]: hostile }, hostile);
  expect(written).toHaveLength(1);
  for (const character of ["\n", "\r", "\u001b"]) expect(written[0]?.trimEnd()).not.toContain(character);
  expect(lines()[0]).toMatchObject({ [hostile]: hostile, msg: hostile });
});

test("an error is written with its type, its stack, its own facts and its causes", () => {
  const { log, lines } = recorder();
  const cause = new RangeError("the cause");
  log.error({ error: Object.assign(new Error("the error", { cause }), { code: 13 }) }, "It broke.");
  expect(lines()[0]?.error).toMatchObject({
    type: "Error",
    message: "the error",
    code: 13,
    stack: expect.stringContaining("log.test.ts"),
    cause: { type: "RangeError", message: "the cause" },
  });
});

describe("lines for a person", () => {
  test("have the time, the level, the message and the facts", () => {
    const { log, written } = recorder("trace", "text");
    log.info({ queue: "orders", note: "two words", n: 12, isNew: false, nothing: null, list: [1, "a"] }, "Stored.");
    log.fatal({}, "The end.");
    expect(written).toEqual([
      '2025-01-02T03:04:05.006Z INFO  Stored. queue=orders note="two words" n=12 isNew=false nothing=null list=[1,"a"]\n',
      "2025-01-02T03:04:05.006Z FATAL The end.\n",
    ]);
  });

  test("say an error in the line, and below it where it comes from", () => {
    const { log, written } = recorder("trace", "text");
    const cause = new RangeError("the cause");
    log.error({ error: Object.assign(new Error("the error", { cause }), { code: 13 }) }, "It broke.");
    const [line, ...stack] = written.join("").trimEnd().split("\n");
    expect(line).toBe('2025-01-02T03:04:05.006Z ERROR It broke. error="Error: the error" error.code=13');
    expect(stack[0]).toMatch(/^ {4}at .*log\.test\.ts/);
    expect(stack).toContainEqual(expect.stringMatching(/^ {4}caused by RangeError: the cause$/));
  });

  test("leave out what the others leave out", () => {
    const { log, written } = recorder("trace", "text");
    log.info({ payload: "canary", headers: { authorization: "canary" }, token_id: "5ja1xp1vfemy" }, "Said.");
    expect(written.join()).toContain('payload=[redacted] headers={"authorization":"[redacted]"} token_id=5ja1xp1vfemy');
  });

  test("stay one line each, and move no cursor", () => {
    const { log, written } = recorder("trace", "text");
    const hostile = "x\n{}\r\u001b[2J\u2028\u0085\u202e";
    log.warn({ [hostile]: hostile, list: [hostile] }, hostile);
    expect(written).toHaveLength(1);
    expect(written[0]?.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  test("are for a terminal alone, unless they are asked for", () => {
    const { log, lines } = recorder("trace", "auto");
    log.info({}, "Said.");
    expect(lines()).toMatchObject([{ msg: "Said." }]);
  });
});

/** Of util-linux: it runs a command at a terminal of its own. */
const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;

test.skipIf(!hasScript)("under auto a terminal gets lines for a person", () => {
  const program = `
    import { createLog } from ${JSON.stringify(new URL("../src/log.ts", import.meta.url))};
    createLog({ level: "info", format: "auto", clock: { now: () => 0 } }).fatal({ n: 1 }, "Said.");
  `;
  const command = `'${process.execPath}' --input-type=module --eval '${program}'`;
  const child = spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", input: "" });
  expect(child.stdout).toContain("1970-01-01T00:00:00.000Z FATAL Said. n=1\r\n");
});

describe("what must not be seen", () => {
  const canary = "canary-7f3a";
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${canary}`);
  metadata.set("traceparent", "00-1-2-01");
  const cyclic: Line = { payload: canary };
  cyclic.itself = cyclic;

  test.each<[string, Line]>([
    ["a payload", { payload: canary }],
    ["a payload deep inside", { a: [{ b: { c: [{ task: { payload: { json: canary } } }] } }] }],
    ["a result", { outcome: { completed: { result: canary } } }],
    ["the metadata of a call", { call: { metadata } }],
    ["a header, whatever its letter case", { headers: { Authorization: canary, COOKIE: canary, "x-api-key": canary } }],
    ["tokens and passwords", { accessToken: canary, refresh_token: canary, password: canary, clientSecret: canary }],
    ["bytes", { raw: Buffer.from(canary), view: new TextEncoder().encode(canary) }],
    [
      "what an error carries",
      { error: Object.assign(new Error("x"), { payload: canary, details: { token: canary } }) },
    ],
    ["what toJSON answers", { value: { toJSON: () => ({ secret: canary }) } }],
    ["a circle", cyclic],
  ])("is left out: %s", (_, facts) => {
    const { log, written } = recorder();
    log.info(facts, "Said.");
    expect(written).toHaveLength(1);
    const line = written.join();
    expect(line).toContain('"msg":"Said."');
    for (const form of [canary, Buffer.from(canary).join(), Buffer.from(canary).toString("base64")]) {
      expect(line).not.toContain(form);
    }
  });

  test("the rest stays", () => {
    const { log, lines } = recorder();
    log.info({ metadata, bytes: Buffer.alloc(3), big: 2n ** 64n, resultBytes: 5 }, "Said.");
    expect(lines()[0]).toMatchObject({
      metadata: { authorization: "[redacted]", traceparent: ["00-1-2-01"] },
      bytes: "[3 bytes]",
      big: "18446744073709551616",
      resultBytes: 5,
    });
  });
});

test("the last line before an exit reaches standard error, and nothing is on standard output", () => {
  const program = `
    import { createLog } from ${JSON.stringify(new URL("../src/log.ts", import.meta.url))};
    const log = createLog({ level: "info", clock: { now: () => 0 } });
    for (let n = 0; n < 1_000; n++) log.info({ n }, "Counted.");
    log.fatal({}, "The last one.");
    process.exit(3);
  `;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(child.status).toBe(3);
  expect(child.stdout).toBe("");
  const lines = child.stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(1_001);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
    level: "fatal",
    time: "1970-01-01T00:00:00.000Z",
    msg: "The last one.",
  });
});

test("the silent log says nothing", () => {
  for (const name of logLevels) if (name !== "silent") expect(silentLog[name]({}, "x")).toBeUndefined();
});
