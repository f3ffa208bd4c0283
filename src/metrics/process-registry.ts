import { collectDefaultMetrics, Registry } from "prom-client";
import { processMetrics } from "./names.ts";

let registry: Registry | null = null;

/** How often the delay of the event loop is looked at, in milliseconds. */
const precisionMs = 20;

/** The metrics of the process, which all servers in it share: what observes it cannot be stopped. */
export function processRegistry(): Registry {
  if (registry !== null) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: precisionMs });
  // The others look at every open handle, or say what is said elsewhere.
  for (const { name } of registry.getMetricsAsArray()) {
    if (!processMetrics.includes(name)) registry.removeSingleMetric(name);
  }
  return registry;
}
