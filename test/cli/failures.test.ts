import { afterEach, describe, expect, it, vi } from "vitest";
import { CommandFailure } from "../../src/cli/command/command-failure.ts";
import { callFailure } from "../../src/cli/command/describe-failure.ts";
import { exitCodes } from "../../src/cli/command/exit-codes.ts";
import { failureJson } from "../../src/cli/command/failure-json.ts";
import { withFirstWord } from "../../src/cli/command/first-word.ts";
import { CallError } from "../../src/client/index.ts";
import { sitq } from "./cli-harness.ts";

const nobody = "127.0.0.1:1";

it.each(
  [
    ["queues"],
    ["queue", "q"],
    ["get", "x"],
    ["list"],
    ["await", "x"],
    ["watch"],
    ["cancel", "x", "y"],
    ["retry", "x"],
    ["delete", "x"],
    ["workers"],
    ["drain", "x"],
    ["pause", "q"],
    ["set", "q", "--jitter", "1"],
    ["purge", "q", "--dry-run"],
    ["enqueue", "q", "t"],
    ["enqueue", "q", "t", "--each-line"],
    ["health"],
  ].map((args) => ({ args })),
)("without a server, $args says how to start one", async ({ args }) => {
  const outcome = await sitq([...args, "--address", nobody]);
  expect(outcome).toMatchObject({ exitCode: exitCodes.unreachable, stdout: "" });
  expect(outcome.stderr).toMatch(
    /^error: cannot reach the server at 127.0.0.1:1: connection refused\nIs the server running\?.*sitq serve.*\n$/,
  );
});

describe("wrong usage", () => {
  it.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["queus"], "Did you mean"],
    [["list", "--no-such-option"], "unknown option"],
    [["get"], "missing required argument"],
    [["get", "a", "b"], "too many arguments"],
    [["list", "--address", "nowhere"], "HOST:PORT"],
    [["list", "--address", "a:1,,b:1"], "There is no address at place 2."],
    [["list", "--address", "a:1,b:1,a:1"], '"a:1": given twice.'],
    [["list", "--address"], "argument missing"],
  ])("%j is refused, and the help named", async (args, complaint) => {
    const outcome = await sitq(args);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(complaint) });
    expect(outcome.stderr).toMatch(/See: sitq( \w+)? --help/);
  });

  it("no command at all shows the help on standard output", async () => {
    expect(await sitq([])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Usage: sitq/), stderr: "" });
  });

  it("says of an address with http:// what to leave out", async () => {
    const { exitCode, stderr } = await sitq(["list", "--address", "http://127.0.0.1:50051"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("Leave out http://") });
  });
});

describe("with --json", () => {
  const errorOf = ({ stderr }: { readonly stderr: string }) => {
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    return JSON.parse(stderr).error;
  };

  it.each([
    [["list", "--json", "--address", nobody], { code: "UNAVAILABLE", exitCode: exitCodes.unreachable }],
    [["queus", "--json"], { message: "unknown command 'queus'", hint: expect.stringContaining("Did you mean") }],
    [["list", "--json", "--no-such-option"], { exitCode: 2 }],
    [["get", "--json"], { exitCode: 2, message: expect.stringContaining("missing required argument") }],
    [["retry", "--json"], { exitCode: 2, hint: expect.stringContaining("sitq retry --help") }],
  ])("an error of %j is one JSON object on standard error", async (args, expected) => {
    const outcome = await sitq(args);
    expect(outcome.stdout).toBe("");
    expect(errorOf(outcome)).toMatchObject(expected);
  });

  it("the error of a refused call has its reason, field, code, and when to try again", () => {
    const cause = new CallError("no", { code: 8, reason: "QUEUE_FULL", field: "task.queue", retryAfterMs: 1_000 });
    expect(failureJson(callFailure(cause, "x"), { id: "1" })).toEqual({
      error: {
        id: "1",
        message: "no (QUEUE_FULL)",
        hint: expect.any(String),
        code: "RESOURCE_EXHAUSTED",
        reason: "QUEUE_FULL",
        field: "task.queue",
        retryAfterMs: 1_000,
        exitCode: exitCodes.refused,
      },
    });
  });
});

describe("a failed call", () => {
  const failureOf = (code: number, reason: string | null, text = "so it is") =>
    callFailure(new CallError(text, { code, ...(reason !== null && { reason }) }), "there:1");

  it.each([
    [1, null, exitCodes.failed],
    [2, "INTERNAL", exitCodes.failed],
    [3, "INVALID_FIELD", exitCodes.usage],
    [5, "TASK_NOT_FOUND", exitCodes.notFound],
    [6, "DUPLICATE_TASK", exitCodes.refused],
    [8, "QUEUE_FULL", exitCodes.refused],
    [9, "TASK_RUNNING", exitCodes.refused],
    [10, "WORKER_REPLACED", exitCodes.refused],
    [12, null, exitCodes.failed],
    [13, "INTERNAL", exitCodes.failed],
    [14, "DRAINING", exitCodes.unreachable],
    [14, "STORE_FAILED", exitCodes.failed],
  ])("with code %d and reason %s ends the process by its kind", (code, reason, exitCode) => {
    const failure = failureOf(code, reason);
    expect(failure).toMatchObject({ exitCode });
    expect(failure.message).not.toContain("\n");
  });

  it("says each field that is wrong, one a line", () => {
    const others = [{ field: "task.type", reason: "INVALID_FIELD", message: "task.type: is required" }];
    const error = new CallError("task.queue: is required", {
      code: 3,
      reason: "INVALID_FIELD",
      field: "task.queue",
      others,
    });
    expect(callFailure(error, "there:1").message).toBe(
      "task.queue: is required (INVALID_FIELD)\ntask.type: is required",
    );
  });

  it("says why the server was not reached", () => {
    const error = new CallError("x", { code: 14, unreached: { why: "connection refused", maybeSent: false } });
    expect(callFailure(error, "there:1")).toMatchObject({
      exitCode: exitCodes.unreachable,
      message: "cannot reach the server at there:1: connection refused",
    });
  });

  it("says when to try again, where the server does", () => {
    const error = new CallError("slow down", { code: 8, reason: "SOMETHING_NEW", retryAfterMs: 1_200 });
    expect(callFailure(error, "x")).toMatchObject({ message: "slow down (SOMETHING_NEW)", hint: "Try again in 2s." });
  });
});

describe("a stream of a server that says nothing", () => {
  afterEach(() => void vi.useRealTimers());

  it("is given up", async () => {
    vi.useFakeTimers();
    async function* silence(signal: AbortSignal): AsyncGenerator<never, void> {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("cancelled"))));
    }
    const next = withFirstWord("there:1", new AbortController().signal, silence).next();
    const given = expect(next).rejects.toMatchObject({
      exitCode: exitCodes.unreachable,
      message: expect.stringContaining("does not answer"),
    });
    await vi.advanceTimersByTimeAsync(15_000);
    await given;
  });

  it("is not, once it has said something", async () => {
    vi.useFakeTimers();
    const more = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<number, void> {
      yield 1;
      await more.promise;
      yield 2;
    }
    const stream = withFirstWord("there:1", new AbortController().signal, slow);
    expect(await stream.next()).toMatchObject({ value: 1 });
    const second = stream.next();
    await vi.advanceTimersByTimeAsync(60_000);
    more.resolve();
    expect(await second).toMatchObject({ value: 2 });
  });
});

it("a failure keeps its cause", () => {
  const cause = new Error("why");
  expect(new CommandFailure("what", { cause })).toMatchObject({ cause, exitCode: exitCodes.failed, hint: undefined });
});
