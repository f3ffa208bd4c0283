import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Worker } from "sitq/client";

/** A health endpoint over HTTP. */
export interface HealthEndpoint {
  readonly url: string;
  close(): void;
}

/** Answers `GET /health` on a free port: 200 while the worker is connected, 503 while it is not. */
export async function serveHealth(worker: Worker): Promise<HealthEndpoint> {
  const server = createServer((request, response) => {
    const found = request.url === "/health";
    const healthy = worker.state === "connected";
    response.writeHead(found ? (healthy ? 200 : 503) : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(found ? { healthy, worker: worker.state, running: worker.running } : {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/health`, close: () => void server.close() };
}
