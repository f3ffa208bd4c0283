/** A server that answers what it is sent, and nothing else of gRPC's: it prints its address, and runs until it is killed. */

import { Server, ServerCredentials } from "@grpc/grpc-js";

const asIs = (bytes: Buffer) => bytes;
const server = new Server();
server.addService(
  {
    echo: {
      path: "/bench.Echo/Echo",
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  },
  { echo: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => answer(null, call.request) },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listens on 127.0.0.1:${port}`);
});
