import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerWritableStream,
  type ServiceDefinition,
  status as statusCode,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type OrcaLoadReport, OrcaLoadReportSchema } from "../../../gen/xds/data/orca/v3/orca_load_report_pb.js";
import { type OrcaLoadReportRequest, OrcaLoadReportRequestSchema } from "../../../gen/xds/service/orca/v3/orca_pb.js";
import { invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import { CallMeter } from "./call-meter.ts";

/** What the load of a server is made of. */
export interface LoadReportOptions {
  /** The worker of the same process: its running tasks count, and `capacity` is its own. Default: none. */
  readonly worker?: { getStatus(): { readonly running: number; readonly capacity: number } };
  /** How many calls and tasks the process takes at a time, as it is registered: above 0. Default: the worker's; without one 100. */
  readonly capacity?: number;
  /** Returns what else it is busy with, in calls: above 0. What is no such number counts as 0. Default: nothing. */
  readonly load?: () => number;
}

const optionNames: OptionNames<LoadReportOptions> = { worker: true, capacity: true, load: true };

/** What a server of gRPC has for its methods: a `Server` of grpc-js. */
interface ServiceHost {
  addService(service: ServiceDefinition, implementation: UntypedServiceImplementation): void;
}

/** Reports of the load of a server of gRPC, for its clients. */
export interface LoadReports {
  /** Reports at the end of each call, and counts it: one of `interceptors` of the server. */
  readonly interceptor: ServerInterceptor;
  /** Reports out of band to clients that ask for it: adds `xds.service.orca.v3.OpenRcaService` to the server. */
  addTo(server: ServiceHost): void;
  /** What the process has in hand now, rounded: calls, tasks, and what else `load` says. It can be the `load` of its registration. */
  readonly load: number;
}

/** The trailer of a call's report. https://github.com/grpc/proposal/blob/master/A51-custom-backend-metrics.md */
const trailer = "endpoint-load-metrics-bin";

/** How long it is from one report out of band to the next where the client does not say, at least and at most, in milliseconds. */
const interval = { default: 10_000, least: 1_000, most: 3_600_000 } as const;

/** What gRPC and xDS ask for by themselves is not work: health checks, reflection, these reports. */
const unmeasured = /^\/(?:grpc|xds)\./;

/** By these a server is to blame, or another instance might have done better; clients call one that reports errors the less. */
const failures: ReadonlySet<number> = new Set([
  statusCode.UNKNOWN,
  statusCode.DEADLINE_EXCEEDED,
  statusCode.RESOURCE_EXHAUSTED,
  statusCode.UNIMPLEMENTED,
  statusCode.INTERNAL,
  statusCode.UNAVAILABLE,
  statusCode.DATA_LOSS,
]);

/**
 * Makes the reports by which clients of gRPC with client-side weighted round robin call the instances that have most room (ORCA, gRFC A51
 * and A58). Each says how much of its capacity is taken, by tasks, by `load`, and by calls as a mean over about five seconds, and how many
 * calls began and failed in a second.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not, or is out of range
 */
export function createLoadReports(options: LoadReportOptions = {}): LoadReports {
  refuseUnknown(options, optionNames);
  const { worker, load } = options;
  const { capacity = worker?.getStatus().capacity ?? 100 } = options;
  if (!Number.isFinite(capacity) || capacity <= 0) throw invalid("capacity", `is ${capacity}; it must be above 0`);
  return new Reports(capacity, () => (worker?.getStatus().running ?? 0) + atLeast0(load));
}

class Reports implements LoadReports {
  readonly #capacity: number;
  readonly #busyWith: () => number;
  readonly #calls = new CallMeter();

  /** @param busyWith returns what the process has in hand beside calls */
  constructor(capacity: number, busyWith: () => number) {
    this.#capacity = capacity;
    this.#busyWith = busyWith;
  }

  get load(): number {
    return Math.round(this.#busyWith() + this.#calls.underWay);
  }

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    if (unmeasured.test(path)) return new ServerInterceptingCall(call);
    let isOver = false;
    const end = (hasFailed: boolean) => {
      if (!isOver) this.#calls.end(hasFailed);
      isOver = true;
    };
    this.#calls.begin();
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: () => end(false) }),
      sendStatus: (status, next) => {
        end(failures.has(status.code ?? statusCode.UNKNOWN));
        const metadata = status.metadata?.clone() ?? new Metadata();
        metadata.set(trailer, codecOf(OrcaLoadReportSchema).encode(this.#report()));
        next({ ...status, metadata });
      },
    });
  };

  addTo(server: ServiceHost): void {
    const definition: ServiceDefinition<UntypedServiceImplementation> = {
      streamCoreMetrics: {
        path: "/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics",
        requestStream: false,
        responseStream: true,
        requestSerialize: codecOf(OrcaLoadReportRequestSchema).encode,
        requestDeserialize: codecOf(OrcaLoadReportRequestSchema).decode,
        responseSerialize: codecOf(OrcaLoadReportSchema).encode,
        responseDeserialize: codecOf(OrcaLoadReportSchema).decode,
      },
    };
    server.addService(definition, {
      streamCoreMetrics: (call: ServerWritableStream<OrcaLoadReportRequest, OrcaLoadReport>) => this.#stream(call),
    });
  }

  /** Reports at once, and again after each interval, as long as the client reads. */
  #stream(call: ServerWritableStream<OrcaLoadReportRequest, OrcaLoadReport>): void {
    const { reportInterval } = call.request;
    const askedMs = reportInterval === undefined ? interval.default : durationMs(reportInterval);
    const report = () => {
      // One that does not read gets the newest when it does.
      if (!call.writableNeedDrain) call.write(this.#report());
    };
    const timer = setInterval(report, Math.min(Math.max(askedMs, interval.least), interval.most));
    timer.unref();
    call.on("cancelled", () => clearInterval(timer));
    report();
  }

  #report(): OrcaLoadReport {
    const { underWay, perSecond, failedPerSecond } = this.#calls.read();
    return {
      ...codecOf(OrcaLoadReportSchema).blank(),
      applicationUtilization: (this.#busyWith() + underWay) / this.#capacity,
      rpsFractional: perSecond,
      eps: failedPerSecond,
    };
  }
}

/** What a function of the application says of its load. */
function atLeast0(load: (() => number) | undefined): number {
  try {
    const value = load?.() ?? 0;
    return Number.isFinite(value) && value > 0 ? value : 0;
  } catch {
    // The calls whose report it is for are not to fail by it.
    return 0;
  }
}
