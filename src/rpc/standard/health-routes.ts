import { type HttpRoute, textAnswer } from "../../http/route.ts";
import type { HealthRegistry } from "./health-registry.ts";

/** What asks over HTTP whether the process lives, and whether it serves; both for everybody, as grpc.health.v1. */
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
