import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import type { JsonValue } from "../../../src/contract/json-value.ts";
import { payloadCodec } from "../../../src/rpc/convert/json-payload.ts";
import { createHeavyLane } from "../../../src/workflows/filling/heavy-lane.ts";
import type { Job } from "../../../src/workflows/filling/job.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const ownThread = () => new Worker(new URL("../../../src/parameter-thread.ts", import.meta.url));
/** A thread that answers nothing, or ends, or does neither: `source` is its program. */
const threadOf = (source: string) => () => new Worker(source, { eval: true });

function lane(startThread: () => Worker) {
  const clock = createFakeClock();
  const heavy = createHeavyLane(startThread, clock);
  onTestFinished(() => heavy.stop());
  return { heavy, clock };
}

function jobOf(expression: string, input: JsonValue): Job {
  const payload = (value: JsonValue) => payloadCodec.encodeJson(value);
  const workflow = { id: "w", name: "n", correlation_id: "c" };
  // A view into a larger buffer, as the store hands them out.
  const parameters = Buffer.concat([Buffer.alloc(9), payload(`\${${expression}}`)]).subarray(9);
  return { kind: "fill", parameters, input: payload(input), results: {}, workflow };
}

describe("the lane of costly jobs", () => {
  it("does them one after the other on its thread, each with what it may cost when its turn comes", async () => {
    const { heavy } = lane(ownThread);
    let left = 1_000_000;
    const run = async (expression: string) => {
      const answer = await heavy.run(jobOf(expression, [1, 2, 3]), () => left);
      left -= answer.cost;
      return answer.kind === "filled" ? payloadCodec.decode(answer.payload) : answer.kind;
    };
    const doubled = `[1]${".map(x, [x, x])".repeat(30)}.all(x, x == x)`;
    expect(await Promise.all([run("input.map(x, x + 1)"), run(doubled), run("input")])).toEqual([
      { kind: "json", value: [2, 3, 4] },
      "too_costly",
      "too_costly",
    ]);
    expect(left).toBeLessThan(1);
  });

  it("gives up what takes longer than any count allows, and goes on with a thread of its own", async () => {
    const { heavy, clock } = lane(threadOf("for (;;);"));
    const answer = heavy.run(jobOf("input", 1), () => 7);
    clock.advance(60_000);
    expect(await answer).toMatchObject({ kind: "too_costly", message: "is too costly: it takes too long", cost: 7 });
    const next = heavy.run(jobOf("input", 1), () => 7);
    await new Promise(setImmediate);
    clock.advance(60_000);
    expect(await next).toMatchObject({ kind: "too_costly" });
  });

  it("takes a thread that ends for a job that is too costly", async () => {
    const { heavy } = lane(
      threadOf("require('node:worker_threads').parentPort.on('message', () => { throw new Error(); })"),
    );
    expect(await heavy.run(jobOf("input", 1), () => 7)).toMatchObject({ kind: "too_costly" });
    expect(await heavy.run(jobOf("input", 1), () => 7)).toMatchObject({ kind: "too_costly" });
  });

  it("rejects what is not done when it stops", async () => {
    const { heavy } = lane(threadOf("setInterval(() => 0, 1000)"));
    const answers = [heavy.run(jobOf("input", 1), () => 7), heavy.run(jobOf("input", 1), () => 7)];
    const ended = Promise.allSettled(answers);
    await heavy.stop();
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(heavy.run(jobOf("input", 1), () => 7)).rejects.toThrow("stopped");
  });
});
