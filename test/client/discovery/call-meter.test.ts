import { expect, test } from "vitest";
import { CallMeter } from "../../../src/client/discovery/call-meter.ts";

function meterAt() {
  let nowMs = 1_000;
  const meter = new CallMeter(() => nowMs);
  return {
    meter,
    /** So many calls a second, each as long, for so many seconds. */
    serve(seconds: number, perSecond: number, durationMs: number, hasFailed = false) {
      for (let call = 0; call < seconds * perSecond; call++) {
        meter.begin();
        nowMs += durationMs;
        meter.end(hasFailed);
        nowMs += 1_000 / perSecond - durationMs;
      }
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test("the means are those of the last seconds", () => {
  const { meter, serve, pass } = meterAt();
  serve(60, 100, 2);
  expect(meter.read().perSecond).toBeCloseTo(100, 0);
  expect(meter.read().underWay).toBeCloseTo(0.2, 2);
  expect(meter.read().failedPerSecond).toBe(0);
  serve(60, 20, 5, true);
  expect(meter.read().perSecond).toBeCloseTo(20, 0);
  expect(meter.read().failedPerSecond).toBeCloseTo(20, 0);
  pass(60_000);
  expect(meter.read().perSecond).toBeLessThan(0.001);
  expect(meter.read().underWay).toBeLessThan(0.001);
});

test("the work of a call is right from the first one on", () => {
  const { meter, serve } = meterAt();
  for (let n = 0; n < 5; n++) {
    serve(1, 10, 50);
    const { underWay, perSecond } = meter.read();
    expect(underWay / perSecond).toBeCloseTo(0.05, 3);
  }
});

test("a call that is under way counts as one", () => {
  const { meter, pass } = meterAt();
  meter.begin();
  pass(60_000);
  expect(meter.read().underWay).toBeCloseTo(1, 4);
  expect(meter.underWay).toBe(1);
  meter.end(false);
  expect(meter.underWay).toBe(0);
});
