import { Client, credentials } from "@grpc/grpc-js";
import type { Case } from "../case.ts";
import { measureInFlight, paceOf } from "../measure/in-flight.ts";
import { payload } from "../payload.ts";

const asIs = (bytes: Buffer) => bytes;

/** The ceiling of unary calls: what grpc-js carries between two processes when nobody does anything with it. */
export const echo: Case = {
  name: "echo",
  what: "bare unary calls of grpc-js that echo as many bytes, 64 in flight, and one at a time",
  server: "echo",
  async run({ address, quick }, rounds) {
    const client = new Client(address, credentials.createInsecure());
    const bytes = Buffer.from(payload);
    const call = () =>
      new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest("/bench.Echo/Echo", asIs, asIs, bytes, (error) => (error ? reject(error) : resolve()));
      });
    const rates = await measureInFlight(64, call, rounds, paceOf(quick));
    const alone = await measureInFlight(1, call, rounds, paceOf(quick));
    client.close();
    return rates.map((value, round) => [
      { name: "rate", unit: "calls/s", value },
      { name: "one at a time", unit: "ms", value: 1_000 / (alone[round] ?? Number.NaN) },
    ]);
  },
};
