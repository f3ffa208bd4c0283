import { create } from "@bufbuild/protobuf";
import { Metadata, Server, ServerCredentials, status as statusCode } from "@grpc/grpc-js";
import {
  Health,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../gen/grpc/health/v1/health_pb.js";
import { implementation, serviceDefinition } from "../../../src/rpc/adapter/serve.ts";

/** A small gRPC service: `Health/List` answers its name, so that a caller knows who it was. */
export interface SmallService {
  readonly address: string;
  /** How many calls it has had. */
  readonly calls: number;
  close(): void;
}

/** Serves on a free port of 127.0.0.1. */
export async function serveSmall(name: string): Promise<SmallService> {
  let calls = 0;
  const server = new Server();
  const handlers = {
    check: async () => create(HealthCheckResponseSchema, { status: ServingStatus.SERVING }),
    list: async () => {
      calls++;
      return create(HealthListResponseSchema, { statuses: { [name]: { status: ServingStatus.SERVING } } });
    },
    watch: async () => undefined,
  };
  const onError = () => ({ code: statusCode.INTERNAL, details: "", metadata: new Metadata() });
  server.addService(serviceDefinition(Health), implementation(Health, handlers, { onError }));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    get calls() {
      return calls;
    },
    close: () => server.forceShutdown(),
  };
}
