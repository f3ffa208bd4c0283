/** Calls services by grpc-js and @grpc/grpc-js-xds, for interop/README.md. */

import { createInterface } from "node:readline";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";

/** What a line of standard input asks for. */
interface Command {
  readonly target: string;
  readonly calls: number;
  readonly concurrency: number;
  readonly deadline_ms: number;
  readonly headers: Readonly<Record<string, string>>;
}

register();
const channels = new Map<string, Client>();
for await (const line of createInterface({ input: process.stdin })) {
  const asked: Command = JSON.parse(line);
  const channel = channels.get(asked.target) ?? open(asked.target);
  channels.set(asked.target, channel);
  process.stdout.write(`${JSON.stringify(await callAll(channel, asked))}\n`);
}
process.exit();

/** Makes the channel of a target: xds:///SERVICE. */
function open(target: string): Client {
  const channel = new Client(target, credentials.createInsecure());
  return channel;
}

/** Makes the calls of a command, as many at a time as it says. */
async function callAll(channel: Client, asked: Command): Promise<object> {
  const answers: Record<string, number> = {};
  const failures: Record<string, number> = {};
  const messages: string[] = [];
  const headers = new Metadata();
  for (const [name, value] of Object.entries(asked.headers)) headers.set(name, value);
  let left = asked.calls;
  async function lane(): Promise<void> {
    while (left-- > 0) {
      try {
        const instance = await call(channel, headers, asked.deadline_ms);
        answers[instance] = (answers[instance] ?? 0) + 1;
      } catch (error) {
        const { code, details } = error as ServiceError;
        failures[status[code]] = (failures[status[code]] ?? 0) + 1;
        if (messages.length < 3) messages.push(details);
      }
    }
  }
  await Promise.all(Array.from({ length: asked.concurrency }, lane));
  return { answers, failures, messages };
}

/** Makes one call; resolves with the instance that answered. */
function call(channel: Client, headers: Metadata, deadlineMs: number): Promise<string> {
  const bytes = (value: Buffer) => value;
  return new Promise((resolve, reject) => {
    let instance = "";
    const options = { deadline: Date.now() + deadlineMs };
    // An empty message is no bytes, and what is answered is not read.
    const made = channel.makeUnaryRequest(
      "/grpc.health.v1.Health/Check",
      bytes,
      bytes,
      Buffer.alloc(0),
      headers,
      options,
      (error) => (error === null ? resolve(instance) : reject(error)),
    );
    made.on("metadata", (sent) => {
      instance = String(sent.get("instance-id")[0]);
    });
  });
}
