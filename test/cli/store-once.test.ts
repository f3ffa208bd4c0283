import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sitq } from "./cli-harness.ts";

/** A server that loses the answer of every call: it ends the connection once the request has come. */
let server: Http2Server;
let address: string;
const sessions = new Set<ServerHttp2Session>();

beforeAll(async () => {
  server = createServer();
  server.on("session", (session) => sessions.add(session.on("error", () => undefined)));
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.on("data", () => stream.session?.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  for (const session of sessions) session.destroy();
  server.close();
  await once(server, "close");
});

const workflow = JSON.stringify({ name: "n", steps: [{ stepId: "a", serviceName: "s", action: "x" }] });

test.each([
  ["enqueue", ["enqueue", "q", "t"], "--request-id"],
  ["publish", ["publish", "t", "--source", "s"], "--id"],
  ["workflows start", ["workflows", "start", "-"], "--request-id"],
])("%s says how it is safe to repeat, if its answer was lost", async (_name, args, option) => {
  expect(await sitq([...args, option, "id-7", "--address", address], { stdin: workflow })).toMatchObject({
    exitCode: 6,
    stderr: expect.stringContaining(`It may have been stored. To be sure, repeat the command with ${option} id-7\n`),
  });
  // Where none is given, the command makes one.
  expect(await sitq([...args, "--address", address], { stdin: workflow })).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(new RegExp(`repeat the command with ${option} [0-9a-f-]{36}\n`)),
  });
});

test.each([
  ["enqueue", ["enqueue", "q", "t"]],
  ["publish", ["publish", "t", "--source", "s"]],
  ["workflows start", ["workflows", "start", "-"]],
])("%s does not say so if nothing was sent", async (_name, args) => {
  const { exitCode, stderr } = await sitq([...args, "--address", "127.0.0.1:1"], { stdin: workflow });
  expect(exitCode).toBe(6);
  expect(stderr).toContain("Is the server running?");
  expect(stderr).not.toContain("may have been stored");
});
