import { type HttpRoute, textAnswer } from "../../http/route.ts";
import type { HealthRegistry } from "./health-registry.ts";

/** The routes that say over HTTP whether the process lives, and whether it serves; neither needs credentials, as grpc.health.v1 does not. */
export function healthRoutes(health: Pick<HealthRegistry, "whyNotServing">): readonly HttpRoute[] {
  return [
    { path: "/healthz", roles: null, get: () => textAnswer(200, "ok") },
    {
      path: "/readyz",
      roles: null,
      get() {
        const why = health.whyNotServing;
        return why === null ? textAnswer(200, "ready") : textAnswer(503, `not ready: ${why}`);
      },
    },
  ];
}
