/** curl, by every way in which it can speak to the port. */

import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { type RpcHarnessOptions, startRpcHarness } from "../rpc/rpc-harness.ts";
import { startTlsHarness } from "../tls/tls-harness.ts";

const isMissing = spawnSync("curl", ["--version"]).error !== undefined;
if (isMissing) process.stderr.write("SKIPPED: the tests with curl: curl is not on the PATH\n");

const run = promisify(execFile);
const handlers: RpcHarnessOptions = {
  queue: {
    getQueue: async ({ name }) => ({ queue: { name } }),
    async watchTasks(_request, _context, out) {
      out.send({ changes: [{ taskId: "task-1" }] });
    },
  },
};

/** Calls a method with curl. @returns the version of HTTP that was spoken, and the answer */
async function curl(url: string, body: string | Buffer, ...options: string[]): Promise<string> {
  const type = options.includes("content-type: application/connect+json")
    ? []
    : ["-H", "content-type: application/json"];
  const child = run("curl", [
    "-sS",
    "--max-time",
    "20",
    ...type,
    "--data-binary",
    "@-",
    "-w",
    " by %{http_version}",
    ...options,
    url,
  ]);
  child.child.stdin?.end(body);
  return (await child).stdout;
}

describe.skipIf(isMissing)("curl", () => {
  const path = "sitq.v1.QueueService/GetQueue";
  const mail = '{"name":"mail"}';
  const answer = '{"queue":{"name":"mail"}}';

  test.each([
    ["over HTTP/1.1", ["--http1.1"], "1.1"],
    ["over HTTP/1.0", ["--http1.0"], "1.1"],
    ["offering an upgrade", ["--http2"], "1.1"],
    ["over HTTP/2 at once", ["--http2-prior-knowledge"], "2"],
    ["waiting to be asked for the body", ["--http1.1", "-H", "expect: 100-continue"], "1.1"],
    ["compressed", ["--compressed"], "1.1"],
  ])("%s", async (_, options, version) => {
    const { address } = await startRpcHarness(handlers);
    expect(await curl(`http://${address}/${path}`, mail, ...options)).toBe(`${answer} by ${version}`);
  });

  test.each([
    ["over what the handshake agrees on", [], "2"],
    ["over HTTP/1.1", ["--http1.1"], "1.1"],
    ["without an agreement", ["--no-alpn", "--http1.1"], "1.1"],
  ])("with TLS, %s", async (_, options, version) => {
    const { address, paths } = await startTlsHarness({ ...handlers, clientAuth: "none" });
    const trust = ["--cacert", paths.clientCaPath ?? ""];
    expect(await curl(`https://${address}/${path}`, mail, ...trust, ...options)).toBe(`${answer} by ${version}`);
  });

  test("reads a stream", async () => {
    const { address } = await startRpcHarness(handlers);
    const request = Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from("{}")]);
    const url = `http://${address}/sitq.v1.QueueService/WatchTasks`;
    const answered = await curl(url, request, "-H", "content-type: application/connect+json");
    expect(answered).toContain('{"changes":[{"taskId":"task-1"}]}');
  });

  test("beside clients of gRPC", async () => {
    const harness = await startRpcHarness(handlers);
    const client = harness.client(QueueService);
    const calls = Array.from({ length: 10 }, () => curl(`http://${harness.address}/${path}`, mail));
    for (let call = 0; call < 50; call++)
      expect(await client.getQueue({ name: "mail" })).toMatchObject({ queue: { name: "mail" } });
    expect(new Set(await Promise.all(calls))).toEqual(new Set([`${answer} by 1.1`]));
  });
});
