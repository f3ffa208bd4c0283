/** Health of a server that other machines can reach: probes have no token, and nothing but health answers them. */

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sitq } from "../cli/cli-harness.ts";
import { grpcurlWith, missing } from "../grpcurl/grpcurl.ts";
import { createTestAuthority, writeTlsFiles } from "../harness/certificates.ts";
import { type StartedServer, startServer } from "../harness/server-process.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";

let dir: TempDir;
let server: StartedServer;
let address: string;
let ca: string;
beforeAll(async () => {
  dir = await createTempDir();
  const authority = await createTestAuthority();
  const { certPath, keyPath, clientCaPath } = await writeTlsFiles(dir, await authority.server(), authority.certificate);
  const tls = ["--tls-cert", certPath, "--tls-key", keyPath, "--tls-client-ca", clientCaPath];
  const args = [...tls, "--tls-client-auth", "optional", "--auth", "on"];
  server = await startServer({ db: dir.file("sitq.db"), listen: "0.0.0.0:0", args });
  address = server.address.replace("0.0.0.0", "localhost");
  ca = clientCaPath;
});
afterAll(async () => {
  await server?.kill();
  await dir?.remove();
});

it("answers sitq health without a token, and no other command", async () => {
  const connected = ["--address", address, "--tls-ca", ca];
  const health = await sitq(["health", "--json", ...connected]);
  expect(health).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(health.stdout)).toMatchObject({ serving: true, services: { server: "SERVING" } });
  const queues = await sitq(["queues", ...connected]);
  expect(queues.exitCode).not.toBe(0);
  expect(queues.stderr).toContain("The call has no credentials");
});

describe.skipIf(missing !== null)("by grpcurl, which has the contract in files since there is no reflection", () => {
  const files = ["proto", "proto-standard"].flatMap((each) => ["-import-path", resolve(each)]);
  const protos = ["grpc/health/v1/health.proto", "sitq/v1/queue_service.proto"].flatMap((each) => ["-proto", each]);
  const call = (method: string, ...args: string[]) =>
    grpcurlWith("-cacert", ca, ...files, ...protos, ...args, address, method);

  it.each([[[]], [["-H", "authorization: Bearer sitq_wrong"]]])("health answers with %j", async (headers) => {
    const { stdout, stderr } = await call("grpc.health.v1.Health/Check", ...headers);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ status: "SERVING" });
    const one = await call("grpc.health.v1.Health/Check", ...headers, "-d", '{"service": "sitq.v1.QueueService"}');
    expect(JSON.parse(one.stdout)).toEqual({ status: "SERVING" });
  });

  it("nothing else does", async () => {
    const { code, stderr } = await call("sitq.v1.QueueService/ListQueues");
    expect(code).not.toBe(0);
    expect(stderr).toContain("Code: Unauthenticated");
    const list = await grpcurlWith("-cacert", ca, address, "list");
    expect(list.stderr).toContain("server does not support the reflection API");
  });
});

/** By its name in releases, and as `go install` names it. */
const probe = ["grpc_health_probe", "grpc-health-probe"].find(
  (name) => spawnSync(name, ["-version"]).error === undefined,
);

it.skipIf(probe === undefined)("answers grpc_health_probe", () => {
  const args = [`-addr=${address}`, "-tls", `-tls-ca-cert=${ca}`];
  const { status, stderr } = spawnSync(probe ?? "", args, { encoding: "utf8" });
  expect(stderr).toContain("status: SERVING");
  expect(status).toBe(0);
});
