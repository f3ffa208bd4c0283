import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { OrcaLoadReportSchema } from "../../../gen/xds/data/orca/v3/orca_load_report_pb.js";
import { OpenRcaService } from "../../../gen/xds/service/orca/v3/orca_pb.js";
import { deferred } from "../../../src/async/deferred.ts";
import {
  createLoadReports,
  createWorker,
  type LoadReportOptions,
  type LoadReports,
} from "../../../src/client/index.ts";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { enqueue } from "../../harness/calls/tasks.ts";
import { createCondition } from "../../harness/condition.ts";
import { startServer } from "../../harness/server.ts";
import { connectTo } from "./discovery-harness.ts";

/** What ends the servers and clients of a test. */
const opened: (() => void)[] = [];

function closeAll(): void {
  for (const close of opened.splice(0)) close();
}

afterEach(closeAll);

/** The method of the service under test: it answers its name. */
const name: MethodDefinition<Buffer, Buffer> = {
  path: "/test.Shop/Name",
  requestStream: false,
  responseStream: false,
  requestSerialize: (message) => message,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: (message) => message,
  responseDeserialize: (bytes) => bytes,
};

type Answer = (error: Partial<ServiceError> | null, response?: Buffer) => void;
type NameHandler = (call: ServerUnaryCall<Buffer, Buffer>, answer: Answer) => void;

/** A server of an application with reports, until the end of the test. */
async function serve(reports: LoadReports, handler: NameHandler = (_, answer) => answer(null, Buffer.from("a"))) {
  const server = new Server({ interceptors: [reports.interceptor] });
  server.addService({ name }, { name: handler });
  reports.addTo(server);
  opened.push(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return `127.0.0.1:${port}`;
}

function open(target: string, options = {}) {
  const client = new Client(target, credentials.createInsecure(), options);
  opened.push(() => client.close());
  return {
    client,
    /** Answers who was called, with the report of the call. */
    call(deadline = Date.now() + 10_000) {
      const { path, requestSerialize, responseDeserialize } = name;
      let trailers = new Metadata();
      return new Promise<{ readonly who: string; readonly report: ReturnType<typeof reportIn> }>((resolve) => {
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          Buffer.alloc(0),
          { deadline },
          (error, response) => {
            const who = error === null ? String(response) : status[error.code];
            setImmediate(() => resolve({ who: who ?? "", report: reportIn(trailers) }));
          },
        );
        call.on("status", ({ metadata }) => {
          trailers = metadata;
        });
      });
    },
  };
}

function reportIn(trailers: Metadata) {
  const [bytes] = trailers.get("endpoint-load-metrics-bin");
  return bytes === undefined ? null : codecOf(OrcaLoadReportSchema).decode(bytes as Buffer);
}

/** The first report out of band. */
async function outOfBand(address: string) {
  const channel = createChannel(address);
  opened.push(() => channel.close());
  const call = createClient(OpenRcaService, channel).streamCoreMetrics({ reportInterval: { seconds: 0n } });
  for await (const report of call) return report;
  return expect.unreachable("the stream ended");
}

test("the tasks of a worker are the load of its process, in calls and out of band", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  const condition = createCondition();
  const over = deferred();
  let running = 0;
  const worker = createWorker(client, {
    queues: ["mail"],
    capacity: 10,
    async fallback() {
      running++;
      condition.changed();
      await over.promise;
    },
    handlers: {},
  });
  await worker.start();
  const reports = createLoadReports({ worker });
  const address = await serve(reports);
  expect((await outOfBand(address)).applicationUtilization).toBe(0);
  for (let n = 0; n < 3; n++) await enqueue(server, { queue: "mail" });
  await condition.until(() => running === 3, "three tasks were running");
  expect((await outOfBand(address)).applicationUtilization).toBeCloseTo(0.3, 5);
  const { who, report } = await open(address).call();
  expect(who).toBe("a");
  expect(report?.applicationUtilization).toBeCloseTo(0.3, 1);
  // Without it clients do not weigh a server.
  expect(report?.rpsFractional).toBeGreaterThan(0);
  expect(reports.load).toBe(3);
  over.resolve();
  await worker.stop();
  closeAll();
});

test("calls and what the application says are the load of a service without a worker", async () => {
  let busy: unknown = 2;
  const reports = createLoadReports({ capacity: 4, load: () => busy as number });
  const held: Answer[] = [];
  const condition = createCondition();
  const address = await serve(reports, (_, answer) => {
    held.push(answer);
    condition.changed();
  });
  expect((await outOfBand(address)).applicationUtilization).toBe(0.5);
  const { call } = open(address);
  const calls = [call(), call()];
  await condition.until(() => held.length === 2, "two calls were under way");
  // The stream of reports is none of them.
  expect(reports.load).toBe(4);
  for (const answer of held) answer(null, Buffer.from("a"));
  await Promise.all(calls);
  expect(reports.load).toBe(2);
  for (const wrong of [Number.NaN, -1, "many"]) {
    busy = wrong;
    expect(reports.load).toBe(0);
  }
});

test("calls that fail by the server's fault are reported as errors, and each call ends once", async () => {
  const reports = createLoadReports();
  const codes = [status.INTERNAL, status.NOT_FOUND, status.RESOURCE_EXHAUSTED];
  const address = await serve(reports, (_, answer) => answer({ code: codes.shift() ?? status.OK, details: "no" }));
  const { call } = open(address);
  const errors = async () => {
    const { report } = await call();
    return (report?.eps ?? 0) / (report?.rpsFractional ?? 0);
  };
  // All, a half, two of three: those that are longer ago count the less.
  expect(await errors()).toBeGreaterThan(0.99);
  const second = await errors();
  expect(second).toBeGreaterThan(0);
  expect(second).toBeLessThan(0.51);
  expect(await errors()).toBeGreaterThan(0.45);
  expect(reports.load).toBe(0);
});

test("a call that its client gives up is over", async () => {
  const reports = createLoadReports();
  const condition = createCondition();
  const address = await serve(reports, (call) => {
    call.on("cancelled", () => setImmediate(condition.changed));
  });
  expect((await open(address).call(Date.now() + 200)).who).toBe("DEADLINE_EXCEEDED");
  await condition.until(() => reports.load === 0, "no call was under way");
});

test("methods of gRPC's own are not measured", async () => {
  const reports = createLoadReports();
  const address = await serve(reports);
  await outOfBand(address);
  expect((await outOfBand(address)).rpsFractional).toBe(0);
});

test.each([["per call", false] as const, ["out of band", true] as const])(
  "a client with weighted round robin follows the reports %s",
  async (_, enableOob) => {
    const loads: Readonly<Record<string, number>> = { busy: 90, idle: 10 };
    const addresses = await Promise.all(
      Object.entries(loads).map(([who, load]) =>
        serve(createLoadReports({ capacity: 100, load: () => load }), (_, answer) => answer(null, Buffer.from(who))),
      ),
    );
    const policy = {
      enable_oob_load_report: enableOob,
      oob_load_reporting_period: "1s",
      blackout_period: "0s",
      weight_update_period: "0.1s",
    };
    const config = JSON.stringify({ loadBalancingConfig: [{ weighted_round_robin: policy }] });
    const { call } = open(`ipv4:${addresses.join()}`, { "grpc.service_config": config });
    const round = async () => {
      const answers: string[] = [];
      for (let n = 0; n < 40; n++) answers.push((await call()).who);
      return answers.filter((who) => who === "idle").length / answers.length;
    };
    expect(await round()).toBeGreaterThan(0);
    await expect.poll(round, { timeout: 20_000 }).toBeGreaterThan(0.85);
  },
);

test.each<[LoadReportOptions, string]>([
  [{ capacity: 0 }, "capacity"],
  [{ capacity: Number.NaN }, "capacity"],
  [{ loads: () => 1 } as LoadReportOptions, "loads"],
])("refuses %o", (options, field) => {
  expect(() => createLoadReports(options)).toThrow(expect.objectContaining({ reason: "INVALID_FIELD", field }));
});
