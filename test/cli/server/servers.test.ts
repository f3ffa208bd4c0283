import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it, test } from "vitest";
import { ServerSchema } from "../../../gen/sitq/v1/admin_service_pb.js";
import { serverTable } from "../../../src/cli/server/server-table.ts";
import { createPaint } from "../../../src/cli/terminal/paint.ts";
import { clustersForTests } from "../../cluster/cluster-harness.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { isPostgresMissing } from "../../harness/databases/postgres.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { jsonLines, sitq } from "../cli-harness.ts";

const run = (server: TestServer, ...args: readonly string[]) => sitq([...args, "--address", server.address]);
const titles = "SERVER +ADDRESS +LEADS +STATE +WORKERS +RUNNING +STARTED +EXPIRES +VERSION";

test("servers lists a server on a file alone, and status says nothing of servers", async () => {
  await using server = await startServer();
  const { exitCode, stdout, stderr } = await run(server, "servers");
  expect([exitCode, stderr]).toEqual([0, ""]);
  const row = `- +${server.address} +yes +ANSWERING +0 +0 +\\d+s ago +- +\\d+\\.\\d+\\.\\d+`;
  expect(stdout).toMatch(new RegExp(`^${titles}\n +${row}\n$`));
  expect(jsonLines(await run(server, "servers", "--json"))).toMatchObject([
    { address: server.address, answering: true, leading: true, heard: true },
  ]);
  expect((await run(server, "status")).stdout).not.toMatch(/server/);
  expect((await run(server, "workers")).stdout).not.toMatch(/SERVER/);
});

test("servers that are not heard, and where the terminal is narrow what counts least is left out", () => {
  const nowMs = Date.UTC(2026, 10, 29, 12);
  const at = (secondsAgo: number) => timestampFromMs(nowMs - secondsAgo * 1_000);
  const servers = [
    { id: 7, address: "a:1", leading: true, answering: true, heard: true, startTime: at(7_300), expireTime: at(-9) },
    { id: 9, address: "b:1", startTime: at(130), expireTime: at(2), sinceTime: at(7), workers: 1_200, inFlight: 3n },
  ].map((each) => create(ServerSchema, { version: "0.1.0", ...each }));
  const paint = createPaint(false);
  expect(`\n${serverTable(servers, { paint, width: Number.POSITIVE_INFINITY }, nowMs)}`).toBe(`
SERVER  ADDRESS  LEADS  STATE       WORKERS  RUNNING  STARTED  EXPIRES  VERSION
     7  a:1      yes    ANSWERING         0        0   2h ago    in 9s  0.1.0
     9  b:1             UNHEARD 7s    1,200        3   2m ago   2s ago  0.1.0`);
  expect(`\n${serverTable(servers, { paint, width: 64 }, nowMs)}`).toBe(`
SERVER  ADDRESS  LEADS  STATE       WORKERS  RUNNING  EXPIRES
     7  a:1      yes    ANSWERING         0        0    in 9s
     9  b:1             UNHEARD 7s    1,200        3   2s ago`);
});

describe.skipIf(isPostgresMissing)("with several servers on one database", () => {
  const startCluster = clustersForTests();

  it("servers lists all of them, status says which one leads, workers where they are", async () => {
    const [first, second] = (await startCluster(2)) as [TestServer, TestServer];
    await connectWorker(second, { workerId: "far" });
    const { exitCode, stdout, stderr } = await run(second, "servers");
    expect([exitCode, stderr]).toEqual([0, ""]);
    const rest = "+\\d+s ago +in \\d+s +\\d+\\.\\d+\\.\\d+";
    expect(stdout).toMatch(new RegExp(`^${titles}\n +1 +${first.address} +yes +HEARD \\d+s +0 +0 ${rest}\n`));
    expect(stdout).toMatch(new RegExp(`\n +2 +${second.address} +ANSWERING +1 +0 ${rest}\n$`));
    expect(jsonLines(await run(second, "servers", "--json"))).toMatchObject([
      { id: 1, leading: true },
      { id: 2, answering: true, workers: 1 },
    ]);
    const counts = "rates, failures and refused calls are those of server";
    expect((await run(second, "status")).stdout).toMatch(new RegExp(`\n2 servers: server 1 leads; ${counts} 2\n$`));
    expect((await run(first, "status")).stdout).toMatch(new RegExp(`\n2 servers: server 1 leads; ${counts} 1\n$`));
    expect((await run(second, "workers")).stdout).toMatch(/ SERVER\nfar .* 2\n$/);
  });

  it("servers and status name those that are not heard", async () => {
    const cut = { config: { advertise: { host: "127.0.0.1", port: 1 } } };
    const [, second] = (await startCluster(2, cut)) as [TestServer, TestServer];
    const { exitCode, stdout, stderr } = await run(second, "servers");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n +1 +127\.0\.0\.1:1 +yes +UNHEARD \d+s /);
    expect(stderr).toContain("Not heard: server 1. What happens there is seen in the database, some seconds late.");
    expect((await run(second, "status")).stdout).toMatch(/\n2 servers: server 1 leads; server 1 is not heard; rates/);
  });
});
