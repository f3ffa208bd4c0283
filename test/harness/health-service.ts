import { Metadata, Server, ServerCredentials, status as statusCode } from "@grpc/grpc-js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import type { ServiceHandlers } from "../../src/grpc/handlers.ts";
import { implementation, serviceDefinition } from "../../src/grpc/server/serve.ts";

/** A gRPC server that is none of ours, on a free port of 127.0.0.1, until it is closed. */
export interface SmallServer {
  readonly address: string;
  close(): void;
}

/** Serves `grpc.health.v1` by these handlers; `null`: no service at all. */
export async function serveHealth(handlers: ServiceHandlers<typeof Health> | null): Promise<SmallServer> {
  const server = new Server();
  if (handlers !== null) {
    const onError = () => ({ code: statusCode.INTERNAL, details: "", metadata: new Metadata() });
    server.addService(serviceDefinition(Health), implementation(Health, handlers, { onError }));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
