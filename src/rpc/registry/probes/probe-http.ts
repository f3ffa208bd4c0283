import { request } from "node:http";
import { parseHostPort } from "../../../contract/host-port.ts";
import type { Probe, ProbeAnswer } from "../../../registry/health-check.ts";

/** Asks an instance by a GET of its metadata `health_path`. It follows no redirect and reads no body. */
export const probeHttp: Probe = ({ address, metadata }, signal) => {
  const { health_path: path = "/health" } = metadata;
  const called = parseHostPort(address);
  if (called === undefined) return Promise.resolve(unknown("Its address is not HOST:PORT."));
  if (!path.startsWith("/")) return Promise.resolve(unknown(`Its metadata health_path does not begin with "/".`));

  return new Promise((resolve) => {
    const unreachable = (error: Error) => resolve({ status: "unreachable", message: error.message });
    try {
      const call = request({ ...called, path, signal, agent: false, headers: { connection: "close" } });
      call.on("response", (response) => {
        resolve(answerOf(response.statusCode ?? 0));
        response.destroy();
      });
      call.on("error", unreachable);
      call.end();
    } catch (error) {
      // Signs that no path may hold.
      resolve(unknown(error instanceof Error ? error.message : String(error)));
    }
  });
};

function answerOf(code: number): ProbeAnswer {
  if (code >= 200 && code < 300) return { status: "serving", message: "" };
  if (code >= 300 && code < 400) return unknown(`Answered ${code}: redirects are not followed.`);
  if (code === 404) return unknown("Answered 404: there is no such health_path.");
  return { status: "not_serving", message: `Answered ${code}.` };
}

function unknown(message: string): ProbeAnswer {
  return { status: "unknown", message };
}
