/** A server that answers what it is sent, and nothing else of gRPC's: it prints its address, and runs until it is killed. */

import { Server, ServerCredentials, type ServerDuplexStream, type ServerUnaryCall } from "@grpc/grpc-js";

const asIs = (bytes: Buffer) => bytes;
const method = (path: string, stream: boolean) => ({
  path,
  requestStream: stream,
  responseStream: stream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

const server = new Server();
server.addService(
  { echo: method("/bench.Echo/Echo", false), stream: method("/bench.Echo/Stream", true) },
  {
    echo: (call: ServerUnaryCall<Buffer, Buffer>, answer: (error: null, bytes: Buffer) => void) =>
      answer(null, call.request),
    stream(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on("data", (bytes) => call.write(bytes));
      call.on("end", () => call.end());
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listens on 127.0.0.1:${port}`);
});
