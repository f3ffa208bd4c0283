import { create } from "@bufbuild/protobuf";
import {
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../gen/grpc/health/v1/health_pb.js";
import { type SmallServer, serveHealth } from "../../harness/health-service.ts";

/** A small gRPC service: `Health/List` answers its name, so that a caller knows who it was. */
export interface SmallService extends SmallServer {
  /** How many calls it has had. */
  readonly calls: number;
}

/** Serves on a free port of 127.0.0.1. */
export async function serveSmall(name: string): Promise<SmallService> {
  let calls = 0;
  const server = await serveHealth({
    check: async () => create(HealthCheckResponseSchema, { status: ServingStatus.SERVING }),
    list: async () => {
      calls++;
      return create(HealthListResponseSchema, { statuses: { [name]: { status: ServingStatus.SERVING } } });
    },
    watch: async () => undefined,
  });
  return {
    ...server,
    get calls() {
      return calls;
    },
  };
}
