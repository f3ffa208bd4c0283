import { describe, expect, it } from "vitest";
import { createService, type Service, startAll, stopAll } from "../../src/domain/service.ts";

/** A service that writes down what it does; its start takes until `started` is settled. */
function createRecorded(name: string, log: string[], started: Promise<void> = Promise.resolve()): Service {
  return createService({
    async start() {
      log.push(`${name} starts`);
      await started;
      log.push(`${name} started`);
    },
    stop: () => void log.push(`${name} stops`),
  });
}

describe("a service", () => {
  it("starts once and stops once, however often it is asked", async () => {
    const log: string[] = [];
    const service = createRecorded("a", log);
    await Promise.all([service.start(), service.start()]);
    await service.start();
    await Promise.all([service.stop(), service.stop()]);
    await service.stop();
    expect(log).toEqual(["a starts", "a started", "a stops"]);
  });

  it("stops without a start, and does not start after it", async () => {
    const log: string[] = [];
    const service = createRecorded("a", log);
    await service.stop();
    await service.start();
    expect(log).toEqual(["a stops"]);
  });

  it("stops when its start has ended, if it is stopped during it", async () => {
    const log: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const service = createRecorded("a", log, promise);
    const started = service.start();
    const stopped = service.stop();
    resolve();
    await Promise.all([started, stopped]);
    expect(log).toEqual(["a starts", "a started", "a stops"]);
  });

  it("stops after a start that failed, and answers the failure to each start alone", async () => {
    const log: string[] = [];
    const service = createRecorded("a", log, Promise.reject(new Error("no")));
    await expect(service.start()).rejects.toThrow("no");
    await expect(service.start()).rejects.toThrow("no");
    await service.stop();
    expect(log).toEqual(["a starts", "a stops"]);
  });

  it("stops at once, before it answers, where no start is under way", () => {
    const log: string[] = [];
    void createRecorded("a", log).stop();
    expect(log).toEqual(["a stops"]);
  });
});

describe("services", () => {
  it("start in their order, one after the other, and stop in reverse", async () => {
    const log: string[] = [];
    const services = ["a", "b", "c"].map((name) => createRecorded(name, log));
    await startAll(services);
    await stopAll(services);
    const starts = ["a starts", "a started", "b starts", "b started", "c starts", "c started"];
    expect(log).toEqual([...starts, "c stops", "b stops", "a stops"]);
  });

  it("stop as a whole where one of them could not start", async () => {
    const log: string[] = [];
    const broken = createRecorded("b", log, Promise.reject(new Error("no")));
    const services = [createRecorded("a", log), broken, createRecorded("c", log)];
    await expect(startAll(services)).rejects.toThrow("no");
    await stopAll(services);
    expect(log).toEqual(["a starts", "a started", "b starts", "c stops", "b stops", "a stops"]);
  });

  it("stop all, also where one of them cannot, and say so at the end", async () => {
    const log: string[] = [];
    const broken = createService({ stop: () => Promise.reject(new Error("no")) });
    await expect(stopAll([createRecorded("a", log), broken, createRecorded("c", log)])).rejects.toThrow("no");
    expect(log).toEqual(["c stops", "a stops"]);
  });
});
