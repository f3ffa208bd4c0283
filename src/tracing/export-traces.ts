import { randomUUID } from "node:crypto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { schemaUrl } from "../contract/semantic-conventions.ts";
import { RecordedTraces } from "./recorded-traces.ts";
import type { TraceSettings, TracesOptions } from "./trace-settings.ts";
import type { Traces } from "./traces.ts";

/** How long the last spans may take to be sent when the server stops, in milliseconds. */
const lastSendMs = 2_000;

/** Traces that are sent to a collector by OTLP over HTTP, in batches. */
export function exportTraces(settings: TraceSettings, { log, version, clock }: TracesOptions): Traces {
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          "service.name": "sitq",
          "service.version": version,
          "service.instance.id": randomUUID(),
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: watched(new OTLPTraceExporter(), log),
        scheduledDelayMillis: settings.delayMs,
        maxQueueSize: settings.maxQueueSize,
        maxExportBatchSize: settings.maxBatchSize,
      }),
    ],
  });
  const stop = async () => {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const callOff = clock.after(lastSendMs, resolve);
    await Promise.race([provider.shutdown().catch(() => undefined), late]);
    callOff();
  };
  const tracer = provider.getTracer("sitq", version, { schemaUrl });
  return new RecordedTraces({ tracer, followsParents: settings.sampler.startsWith("parentbased") }, clock, stop);
}

function samplerOf({ sampler, ratio }: TraceSettings): Sampler {
  switch (sampler) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(ratio);
    case "parentbased_always_on":
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case "parentbased_always_off":
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case "parentbased_traceidratio":
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

/** Says once that spans are lost, and once that they arrive again. */
function watched(exporter: SpanExporter, log: TracesOptions["log"]): SpanExporter {
  let isLosing = false;
  return {
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        const isLost = result.error !== undefined || result.code !== 0;
        if (isLost && !isLosing) {
          log.warn({ error: result.error }, "the collector does not take spans; they are lost until it does");
        } else if (!isLost && isLosing) {
          log.info({}, "the collector takes spans again");
        }
        isLosing = isLost;
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
