import { readTraceSettings, type TracesOptions } from "./trace-settings.ts";
import type { Traces } from "./traces.ts";

/**
 * Opens the traces that OpenTelemetry's variables ask for; `null`: they ask for none. OpenTelemetry's SDK and exporter are loaded only where
 * there is a collector. A collector that does not answer, and a setting that cannot be used, are a warning.
 */
export async function openTraces(options: TracesOptions): Promise<Traces | null> {
  const { environment, log } = options;
  const settings = readTraceSettings(environment, (problem) => log.warn({}, problem));
  if (settings === null) return null;
  const { exportTraces } = await import("./export-traces.ts");
  return exportTraces(settings, options);
}
