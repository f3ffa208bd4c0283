import { Client, credentials } from "@grpc/grpc-js";
import type { Case } from "../case.ts";
import { measureInFlight, paceOf } from "../measure/in-flight.ts";
import { payload } from "../payload.ts";

const asIs = (bytes: Buffer) => bytes;

/** The ceiling of a worker that gets each task in a message of its own. Messages that carry several tasks go beyond it. */
export const stream: Case = {
  name: "stream",
  what: "messages of as many bytes on a bare stream of grpc-js, echoed, 64 in flight",
  server: "echo",
  async run({ address, quick }, rounds) {
    const client = new Client(address, credentials.createInsecure());
    const call = client.makeBidiStreamRequest("/bench.Echo/Stream", asIs, asIs);
    const bytes = Buffer.from(payload);
    // The answers come in the order of the messages.
    const waiting: (() => void)[] = [];
    call.on("data", () => waiting.shift()?.());
    const send = () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        call.write(bytes);
      });
    const rates = await measureInFlight(64, send, rounds, paceOf(quick));
    call.end();
    client.close();
    return rates.map((value) => [{ name: "rate", unit: "messages/s", value }]);
  },
};
