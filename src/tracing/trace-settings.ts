import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";

/** The environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the server's traces need. */
export interface TracesOptions {
  readonly environment: Environment;
  readonly log: Pick<Log, "info" | "warn">;
  /** The server's version. */
  readonly version: string;
  readonly clock: Pick<Clock, "monotonic" | "after">;
}

/** Which samplers there are, by OpenTelemetry's names. */
export const samplerNames = [
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
  "always_on",
  "always_off",
  "traceidratio",
] as const;

/** How traces are recorded and sent. */
export interface TraceSettings {
  readonly sampler: (typeof samplerNames)[number];
  /** The share of traces that a ratio samples: 0 to 1. */
  readonly ratio: number;
  /** How long a span waits to be sent with others, in milliseconds. */
  readonly delayMs: number;
  /** How many spans may wait; more are dropped. */
  readonly maxQueueSize: number;
  /** How many are sent at a time. */
  readonly maxBatchSize: number;
}

/**
 * Reads OpenTelemetry's variables; what the exporter reads by itself (endpoint, headers, certificates, compression, timeout) and the
 * resource are not among them.
 *
 * @param onProblem called with each value that cannot be used: its default is
 * @returns `null`: nothing is traced
 */
export function readTraceSettings(environment: Environment, onProblem: (text: string) => void): TraceSettings | null {
  const said = (name: string) => environment[name]?.trim() || undefined;
  const isThere = said("OTEL_EXPORTER_OTLP_ENDPOINT") ?? said("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (isThere === undefined || said("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return null;

  const exporters = said("OTEL_TRACES_EXPORTER")?.split(",") ?? ["otlp"];
  if (!exporters.includes("otlp")) {
    if (!exporters.includes("none"))
      onProblem(`OTEL_TRACES_EXPORTER: ${exporters.join(",")} is not otlp or none; nothing is traced`);
    return null;
  }
  const protocol = said("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? said("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  if (protocol !== "http/protobuf")
    onProblem(`OTEL_EXPORTER_OTLP_PROTOCOL: ${protocol} is not http/protobuf, which is used`);

  function number(name: string, fallback: number, most: number): number {
    const text = said(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (value >= 0 && value <= most) return value;
    onProblem(`${name}: ${text} is not a number from 0 to ${most}; ${fallback} is used`);
    return fallback;
  }

  const name = said("OTEL_TRACES_SAMPLER") ?? samplerNames[0];
  const sampler = samplerNames.find((each) => each === name);
  if (sampler === undefined) {
    onProblem(`OTEL_TRACES_SAMPLER: ${name} is none of ${samplerNames.join(", ")}; ${samplerNames[0]} is used`);
  }
  const maxQueueSize = Math.max(1, number("OTEL_BSP_MAX_QUEUE_SIZE", 2_048, 1_000_000));
  return {
    sampler: sampler ?? samplerNames[0],
    ratio: sampler?.endsWith("ratio") ? number("OTEL_TRACES_SAMPLER_ARG", 1, 1) : 1,
    delayMs: number("OTEL_BSP_SCHEDULE_DELAY", 5_000, 3_600_000),
    maxQueueSize,
    maxBatchSize: Math.max(1, Math.min(maxQueueSize, number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, 1_000_000))),
  };
}
