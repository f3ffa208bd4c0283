import type { Probe } from "../../../registry/health-check.ts";
import { probeGrpc } from "./probe-grpc.ts";

/** Asks an instance in the way that its metadata `health_check` names: `grpc`, which is the default, or `http`. */
export const probe: Probe = async (instance, signal) => {
  const { health_check: way = "grpc" } = instance.metadata;
  if (way === "grpc") return probeGrpc(instance, signal);
  if (way === "http") {
    // Read when it is first asked for: an import of node:http loads Node's WebSocket too, which takes 4 MB.
    const { probeHttp } = await import("./probe-http.ts");
    return probeHttp(instance, signal);
  }
  return { status: "unknown", message: `Its metadata health_check is ${JSON.stringify(way)}, not grpc or http.` };
};
