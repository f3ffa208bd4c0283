import type { HttpRoute } from "../http/route.ts";
import type { Metrics } from "./metrics.ts";

/** Answers `/metrics`. Figures are of all queues, so who reads them must be allowed to see all. */
export function metricsRoute(metrics: Metrics): HttpRoute {
  return {
    path: "/metrics",
    roles: ["viewer", "operator"],
    needsWholeScope: true,
    async get() {
      const headers = { "content-type": metrics.contentType, "cache-control": "no-store" };
      return { status: 200, headers, body: await metrics.render() };
    },
  };
}
