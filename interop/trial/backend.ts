import { Metadata, Server, ServerCredentials, type sendUnaryData, type UntypedHandleCall } from "@grpc/grpc-js";

/** An instance of a service: it serves `grpc.health.v1.Health/Check` on loopback, and names itself in the metadata `instance-id`. */
export interface Backend {
  /** `host:port`. */
  readonly address: string;
  /** Breaks its connections and frees its port, as the death of a process does. Idempotent. */
  kill(): void;
}

/** `{status: SERVING}`: field 1, 1. */
const serving = Buffer.from([0x08, 0x01]);

/** Starts an instance. */
export async function startBackend(instanceId: string): Promise<Backend> {
  const bytes = (value: Buffer) => value;
  const check: UntypedHandleCall = (call: { sendMetadata(sent: Metadata): void }, answer: sendUnaryData<Buffer>) => {
    const named = new Metadata();
    named.set("instance-id", instanceId);
    call.sendMetadata(named);
    answer(null, serving);
  };
  const server = new Server();
  server.addService(
    {
      check: {
        path: "/grpc.health.v1.Health/Check",
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    },
    { check },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, kill: () => server.forceShutdown() };
}
