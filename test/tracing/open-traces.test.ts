import { createServer } from "node:net";
import { Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { openTraces } from "../../src/tracing/open-traces.ts";
import { readTraceSettings } from "../../src/tracing/trace-settings.ts";
import type { Traces } from "../../src/tracing/traces.ts";
import { createCondition } from "../harness/condition.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./otlp-receiver.ts";

let collector: OtlpReceiver;
beforeEach(async () => {
  collector = await startOtlpReceiver();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector[Symbol.asyncDispose]();
});

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const method = "/sitq.v1.QueueService/Enqueue";

/** A call, as part of a trace or of none. */
function call(flags?: string) {
  const metadata = new Metadata();
  if (flags !== undefined) metadata.set("traceparent", `00-${traceId}-${spanId}-${flags}`);
  return { metadata, peer: "[::1]:4711" };
}

/** Opens traces by these variables; what is logged is kept. */
async function opened(environment: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const lines: string[] = [];
  const condition = createCondition();
  const method = (level: string) => (_: object, text: string) => {
    lines.push(`${level}: ${text}`);
    condition.changed();
  };
  const log = { info: method("info"), warn: method("warn") };
  const traces = await openTraces({ environment, log, version: "1.2.3", clock: systemClock });
  return { traces, lines, until: (count: number) => condition.until(() => lines.length >= count, "the log says so") };
}

/** Of the traces that must be there. */
function present(traces: Traces | null): Traces {
  return traces ?? expect.unreachable("nothing is traced");
}

/** The spans of calls with each of the flags, by a sampler. */
async function sampled(environment: Readonly<Record<string, string>>): Promise<(string | undefined)[]> {
  const { traces } = await opened({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...environment });
  for (const flags of [undefined, "01", "00"]) {
    const span = present(traces).begin(method, call(flags), "grpc");
    span?.end(flags ?? "OK");
  }
  await present(traces).stop();
  return collector.spans.map(({ attributes }) => String(attributes["rpc.status_code"]));
}

describe("what is recorded", () => {
  test.each([
    [{}, ["OK", "01"]],
    [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, ["01"]],
    [{ OTEL_TRACES_SAMPLER: "always_on" }, ["OK", "01", "00"]],
    [{ OTEL_TRACES_SAMPLER: "always_off" }, []],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, []],
    [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, ["01"]],
  ])("by %o", async (environment, expected) => {
    expect(await sampled(environment)).toEqual(expected);
  });

  test("is sent as calls of this server, below the span of the caller", async () => {
    const name = { OTEL_SERVICE_NAME: "queue", OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test" };
    await sampled({ ...name, OTEL_TRACES_SAMPLER: "parentbased_always_off" });
    expect(collector.spans).toMatchObject([
      {
        service: "queue",
        resource: { "service.version": "1.2.3", "deployment.environment.name": "test" },
        traceId,
        parentId: spanId,
        name: "sitq.v1.QueueService/Enqueue",
        kind: "SERVER",
        attributes: { "rpc.system.name": "grpc", "network.peer.address": "::1", "network.peer.port": 4_711 },
      },
    ]);
  });

  test("is no call of the standard services, and an error only where the server is at fault", async () => {
    const { traces } = await opened({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    expect(present(traces).begin("/grpc.health.v1.Health/Check", call(), "grpc")).toBeNull();
    for (const status of ["NOT_FOUND", "INTERNAL"]) present(traces).begin(method, call(), "grpc")?.end(status);
    await present(traces).stop();
    expect(collector.spans.map(({ attributes, status }) => [attributes["error.type"], status])).toEqual([
      ["NOT_FOUND", ""],
      ["INTERNAL", "ERROR"],
    ]);
  });
});

test.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_TRACES_EXPORTER: "none" },
])("nothing is traced with %o", async (environment) => {
  expect(await opened(environment)).toMatchObject({ traces: null, lines: [] });
});

test("a value that cannot be used is a warning, and its default is used", () => {
  const problems: string[] = [];
  const environment = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:1/v1/traces",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_TRACES_SAMPLER: "jaeger_remote",
    OTEL_BSP_SCHEDULE_DELAY: "soon",
    OTEL_BSP_MAX_QUEUE_SIZE: "100",
  };
  expect(readTraceSettings(environment, (text) => problems.push(text))).toEqual({
    sampler: "parentbased_always_on",
    ratio: 1,
    delayMs: 5_000,
    maxQueueSize: 100,
    maxBatchSize: 100,
  });
  expect(problems.map((text) => text.split(":")[0])).toEqual([
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_TRACES_SAMPLER",
    "OTEL_BSP_SCHEDULE_DELAY",
  ]);
  const exporter = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_TRACES_EXPORTER: "zipkin" };
  expect(readTraceSettings(exporter, (text) => problems.push(text))).toBeNull();
  expect(problems.at(-1)).toMatch(/^OTEL_TRACES_EXPORTER: zipkin/);
});

test("a collector that is not there is one warning, and keeps the server neither busy nor from stopping", async () => {
  const { port } = await freePort();
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: "50",
    OTEL_BSP_SCHEDULE_DELAY: "1",
    OTEL_BSP_MAX_QUEUE_SIZE: "10",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "2",
  };
  const { traces, lines, until } = await opened(environment);
  // Far more than may wait: the rest is dropped.
  for (let n = 0; n < 1_000; n++) present(traces).begin(method, call(), "grpc")?.end("OK");
  await until(1);
  await present(traces).stop();
  expect(lines).toEqual(["warn: the collector does not take spans; they are lost until it does"]);
});

/** A port on which nothing listens. */
async function freePort(): Promise<{ readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return { port: typeof address === "object" && address !== null ? address.port : 1 };
}
