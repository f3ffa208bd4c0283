import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deadline } from "../../src/async/deadline.ts";
import { aborted, linkedController, onAbort, orAborted } from "../../src/async/signals.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const listenersOf = (...controllers: AbortController[]) =>
  controllers.map(({ signal }) => getEventListeners(signal, "abort").length);

test("a listener is called once, at once if the signal is aborted already, and never after its release", () => {
  const controller = new AbortController();
  const listener = vi.fn();
  const release = onAbort(controller.signal, vi.fn());
  onAbort(controller.signal, listener);
  onAbort(undefined, listener)();
  release();
  expect(listenersOf(controller)).toEqual([1]);
  controller.abort();
  onAbort(controller.signal, listener)();
  expect(listener).toHaveBeenCalledTimes(2);
});

test("a promise is left when the signal is aborted, and lets go of the signal when it settles", async () => {
  const controller = new AbortController();
  await expect(orAborted(Promise.resolve(1), controller.signal)).resolves.toBe(1);
  expect(listenersOf(controller)).toEqual([0]);
  const whenAborted = vi.fn();
  const left = orAborted(new Promise(() => undefined), controller.signal, whenAborted);
  controller.abort(new Error("enough"));
  await expect(left).rejects.toThrow("enough");
  await expect(orAborted(Promise.resolve(1), controller.signal, whenAborted)).rejects.toThrow("enough");
  expect(whenAborted).toHaveBeenCalledTimes(2);
  await aborted(controller.signal);
});

test("a linked controller is aborted with the first of its signals, and lets go of all", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const linked = linkedController(first.signal, undefined, second.signal);
  second.abort("second");
  first.abort("first");
  expect(linked.signal.reason).toBe("second");
  expect(linkedController(first.signal).signal.reason).toBe("first");

  const other = new AbortController();
  const released = linkedController(other.signal);
  released.release();
  released.release();
  expect(listenersOf(other)).toEqual([0]);
  other.abort();
  expect(released.signal.aborted).toBe(false);
});

test("a deadline tells its own end from that of its signals", () => {
  const controller = new AbortController();
  const over = deadline(100, controller.signal);
  const called = deadline(100, controller.signal);
  const lifted = deadline(100);
  const unlimited = deadline(undefined, controller.signal);
  lifted.lift();
  vi.advanceTimersByTime(99);
  expect(over.signal.aborted).toBe(false);
  called.abort("called off");
  vi.advanceTimersByTime(1);
  expect([over, called, lifted, unlimited].map(({ isOver }) => isOver)).toEqual([true, false, false, false]);
  expect(over.signal.reason).toMatchObject({ name: "TimeoutError" });
  expect(called.signal.reason).toBe("called off");
  for (const each of [over, called, lifted, unlimited]) each.release();
  expect(vi.getTimerCount()).toBe(0);
  expect(listenersOf(controller)).toEqual([0]);
});
