import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { register } from "../../registry/registry-harness.ts";
import { openStream } from "../../rpc/xds/ads-harness.ts";
import { jsonLines, type ShellOptions, sitq } from "../cli-harness.ts";

const server = shareServer();

function run(args: readonly string[], options?: ShellOptions) {
  return sitq([...args, "--address", server().address], options);
}

/** An HTTP server that answers with this code; its address. */
async function answering(code: number): Promise<string> {
  const http = createServer((_request, response) => void response.writeHead(code).end());
  onTestFinished(() => void http.close());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `127.0.0.1:${address.port}`;
}

describe("what clients by xDS refuse", () => {
  it("is shown without what a terminal would obey, cut to what is kept of it", async () => {
    const serviceName = freshQueue();
    await register(server(), { serviceName, instanceId: "a", address: "127.0.0.1:1" });
    const stream = openStream(server());
    const response = await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: [serviceName] });
    stream.refuse(response, [serviceName], `no ring\u001b]0;owned\u0007\n${"x".repeat(1_000_000)}`);
    await server().logged("a client of xDS has refused");
    const { stdout } = await run(["services"]);
    const row = stdout.split("\n").find((line) => line.startsWith(serviceName)) ?? "";
    expect(row).toContain("refused 1: no ring ]0;owned x");
    expect(row.length).toBeLessThan(1_200);
    for (const control of ["\u001b", "\u0007"]) expect(stdout).not.toContain(control);
    const [json] = jsonLines(await run(["services", "--json"])).filter((each) => each.name === serviceName);
    expect(json).toMatchObject({ xds: { watchers: 1, refusals: 1 } });
  });
});

/** A JWT, as far as its form goes. */
const jwt = `e30.${Buffer.from(JSON.stringify({ sub: "shop", exp: 2_000_000_000 })).toString("base64url")}.c2ln`;

describe("xds bootstrap", () => {
  it("prints what a client needs", async () => {
    const { stdout } = await run(["xds", "bootstrap", "--node", "shop-1", "--zone", "eu-1"]);
    expect(JSON.parse(stdout)).toEqual({
      xds_servers: [
        { server_uri: server().address, channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] },
      ],
      node: { id: "shop-1", locality: { zone: "eu-1" } },
    });
  });

  it("names each of several servers", async () => {
    const { stdout } = await sitq(["xds", "bootstrap", "--address", "a:1,b:2"]);
    expect(JSON.parse(stdout).xds_servers.map((each: { server_uri: string }) => each.server_uri)).toEqual([
      "a:1",
      "b:2",
    ]);
  });

  it("names the files of TLS and of a JWT, wherever it is read", async () => {
    await using dir = await createTempDir();
    const files = ["ca.pem", "shop.pem", "shop-key.pem", "token"].map((name) => dir.file(name));
    for (const file of files) await writeFile(file, jwt);
    const [ca, cert, key, token] = files;
    const tls = ["--tls-ca", ca ?? "", "--tls-cert", cert ?? "", "--tls-key", key ?? ""];
    const { stdout } = await run(["xds", "bootstrap", ...tls, "--token-file", token ?? ""]);
    expect(JSON.parse(stdout).xds_servers).toMatchObject([
      {
        channel_creds: [
          { type: "tls", config: { ca_certificate_file: ca, certificate_file: cert, private_key_file: key } },
        ],
        call_creds: [{ type: "jwt_token_file", config: { jwt_token_file: token } }],
      },
    ]);
  });

  it("refuses what clients do not send", async () => {
    await using dir = await createTempDir();
    const token = dir.file("token");
    await writeFile(token, "sitq_abc");
    const plain = await run(["xds", "bootstrap", "--token-file", token]);
    expect([plain.exitCode, plain.stderr]).toEqual([2, expect.stringContaining("over TLS alone")]);
    const opaque = await run(["xds", "bootstrap", "--tls", "--token-file", token]);
    expect([opaque.exitCode, opaque.stderr]).toEqual([2, expect.stringContaining("holds no JWT")]);
    expect(opaque.stderr).toContain("--jwt-issuer");
  });

  it.each([
    ["e30.e30.c2ln", "a JWT without `exp`"],
    ["e30.AAAA.c2ln", "a JWT without `exp`"],
    [`${jwt}\n`, "a line end around its JWT"],
    ["", "holds no JWT"],
  ])("refuses a file that clients would pass over: %j", async (content, said) => {
    await using dir = await createTempDir();
    const token = dir.file("token");
    await writeFile(token, content);
    const { exitCode, stdout, stderr } = await run(["xds", "bootstrap", "--tls", "--token-file", token]);
    expect([exitCode, stdout, stderr]).toEqual([2, "", expect.stringContaining(said)]);
  });

  it.each([
    [["--node", ""], "Expected a name."],
    [["--node", "n".repeat(101)], "Expected at most 100 bytes."],
    [["--region", "ü".repeat(51)], "Expected at most 100 bytes."],
    [["--zone", "eu\u001b[2J"], "Expected no control characters."],
    [["--tls-ca", "/no/such/file"], "no such file"],
    [["--tls-cert", "/dev/null"], "--tls-cert needs --tls-key with it"],
    [["--tls", "--tls-server-name", "sitq.internal"], "expect the name of the address"],
    [["--tls", "--token-file", "/no/such/file"], "cannot read the token"],
  ])("refuses %j, and says why", async (args, said) => {
    const { exitCode, stdout, stderr } = await run(["xds", "bootstrap", ...args]);
    expect([exitCode, stdout, stderr]).toEqual([2, "", expect.stringContaining(said)]);
  });
});

describe("instances", () => {
  it("shows where a service can be called, and how it is", async () => {
    const serviceName = freshQueue();
    await register(server(), {
      serviceName,
      instanceId: "a",
      address: "h:1",
      currentLoad: 3,
      metadata: { zone: "b", v: "1" },
    });
    await connectWorker(server(), { workerId: `w-${serviceName}`, service: serviceName, capacity: 4, weight: 2 });
    const { exitCode, stdout } = await run(["instances", serviceName]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^SERVICE +INSTANCE +ADDRESS +STATE +SOURCE +LOAD +WEIGHT +LAST SEEN +METADATA$/m);
    expect(stdout).toMatch(
      new RegExp(`^${serviceName} +a +h:1 +HEALTHY +REGISTRATION +3/100 +100 +\\ds ago +v=1 zone=b$`, "m"),
    );
    expect(stdout).toMatch(new RegExp(`^${serviceName} +w-${serviceName} +- +HEALTHY +WORKER +0/4 +2 +\\ds ago$`, "m"));
    const json = jsonLines(await run(["instances", serviceName, "--json", "-m", "zone=b"]));
    expect(json).toMatchObject([{ instanceId: "a", address: "h:1", state: "INSTANCE_STATE_HEALTHY", ttl: "30s" }]);
    expect((await run(["instances"])).stdout).toContain(serviceName);
  });

  it("shows those that drain on request, and services say how many", async () => {
    const serviceName = freshQueue();
    await register(server(), { serviceName, instanceId: "a", address: "h:1" });
    await register(server(), { serviceName, instanceId: "b", address: "h:2", draining: true });
    expect((await run(["instances", serviceName])).stdout).not.toContain("h:2");
    const { stdout } = await run(["instances", serviceName, "--unhealthy"]);
    expect(stdout).toMatch(new RegExp(`^${serviceName} +b +h:2 +DRAINING +REGISTRATION `, "m"));
    const services = await run(["services"]);
    expect(services.stdout).toMatch(new RegExp(`^${serviceName} +1/2 +0 +100 +0% +default +0 +1 drains$`, "m"));
    expect(jsonLines(await run(["services", "--json"])).find(({ name }) => name === serviceName)).toMatchObject({
      load: { healthyInstanceCount: 1, drainingInstanceCount: 1 },
    });
  });

  it("asks every instance of every service where none is named", async () => {
    const services = [freshQueue(), freshQueue()];
    const metadata = { health_check: "http" };
    for (const serviceName of services) {
      await register(server(), { serviceName, instanceId: "a", address: await answering(200), metadata });
    }
    const { stdout } = await run(["check"]);
    expect(stdout).toMatch(/^SERVICE +INSTANCE +ADDRESS +STATUS +TOOK/m);
    for (const serviceName of services) expect(stdout).toMatch(new RegExp(`^${serviceName} +a +\\S+ +SERVING`, "m"));
    const asked = jsonLines(await run(["check", "--json"]));
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });

  it("says when nobody is there", async () => {
    expect(await run(["instances", "nobody"])).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: expect.stringContaining("No matching instances of nobody."),
    });
    expect(await run(["instances", "-m", "zone"])).toMatchObject({ exitCode: 2 });
  });
});

it("services shows how busy each is", async () => {
  const serviceName = freshQueue();
  await register(server(), { serviceName, instanceId: "a", capacity: 10, currentLoad: 4 });
  await register(server(), { serviceName, instanceId: "b", capacity: 30, currentLoad: 6 });
  const { exitCode, stdout } = await run(["services"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^SERVICE +HEALTHY +LOAD +CAPACITY +UTILIZATION +STRATEGY +XDS$/m);
  expect(stdout).toMatch(new RegExp(`^${serviceName} +2/2 +10 +40 +25% +default +0$`, "m"));
  const json = jsonLines(await run(["services", "--json"])).find((each) => each.name === serviceName);
  const load = { instanceCount: 2, capacity: 40, currentLoad: 10, utilization: 0.25 };
  expect(json).toMatchObject({ load });
});

describe("pick", () => {
  it("prints an address, and reserves nothing unless it is told to", async () => {
    const serviceName = freshQueue();
    await register(server(), { serviceName, address: "h:1", capacity: 1 });
    for (let i = 0; i < 2; i++) {
      expect(await run(["pick", serviceName])).toMatchObject({ exitCode: 0, stdout: "h:1\n", stderr: "" });
    }
    const reserved = await run(["pick", serviceName, "--reserve", "1m"]);
    expect(reserved).toMatchObject({ exitCode: 0, stdout: "h:1\n", stderr: expect.stringContaining("for 1m") });
    expect(await run(["pick", serviceName])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("SERVICE_FULL"),
    });
  });

  it("takes a strategy, a key and metadata", async () => {
    const serviceName = freshQueue();
    for (const instanceId of ["a", "b"]) {
      await register(server(), { serviceName, instanceId, address: `${instanceId}:1`, metadata: { id: instanceId } });
    }
    const sticky = ["pick", serviceName, "--strategy", "sticky", "--key"];
    const places = await Promise.all(Array.from({ length: 4 }, async () => (await run([...sticky, "k"])).stdout));
    expect(new Set(places).size).toBe(1);
    const json = jsonLines(await run(["pick", serviceName, "-m", "id=b", "--json"]));
    expect(json).toMatchObject([{ instance: { instanceId: "b" }, reservationId: "" }]);
    expect(await run(["pick", serviceName, "--strategy", "best"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("weighted, sticky"),
    });
    expect(await run(["pick", serviceName, "--strategy", "sticky"])).toMatchObject({ exitCode: 2 });
  });

  it("names one without an address by its id, and says when nobody is there", async () => {
    const serviceName = freshQueue();
    await connectWorker(server(), { workerId: `w-${serviceName}`, service: serviceName });
    expect(await run(["pick", serviceName])).toMatchObject({ stdout: `w-${serviceName}\n` });
    expect(await run(["pick", "nobody"])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("sitq services"),
    });
  });
});

describe("check", () => {
  it("asks the instances, and fails when one does not serve", async () => {
    const serviceName = freshQueue();
    const metadata = { health_check: "http" };
    await register(server(), { serviceName, instanceId: "a", address: await answering(200), metadata });
    const good = await run(["check", serviceName]);
    expect(good.exitCode).toBe(0);
    expect(good.stdout).toMatch(/^INSTANCE +ADDRESS +STATUS +TOOK$/m);
    expect(good.stdout).toMatch(/^a +127\.0\.0\.1:\d+ +SERVING +\d+ms$/m);
    await register(server(), { serviceName, instanceId: "b", address: await answering(503), metadata });
    const bad = await run(["check", serviceName]);
    expect(bad).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`1 of 2 instances are not serving: ${serviceName}/b`),
    });
    expect(bad.stdout).toMatch(/^b +127\.0\.0\.1:\d+ +NOT_SERVING +\d+ms +Answered 503\.$/m);
    expect((await run(["check", serviceName, "a", "--timeout", "5s"])).exitCode).toBe(0);
    expect(jsonLines(await run(["check", serviceName, "--json"]))).toMatchObject([
      { status: "HEALTH_STATUS_SERVING", instance: { instanceId: "a" } },
      { status: "HEALTH_STATUS_NOT_SERVING", instance: { instanceId: "b" } },
    ]);
  });

  it("says when nobody is there", async () => {
    expect(await run(["check", "nobody"])).toMatchObject({ exitCode: 3 });
  });
});

it("deregister forgets an instance, once", async () => {
  const serviceName = freshQueue();
  await register(server(), { serviceName, instanceId: "a" });
  await register(server(), { serviceName, instanceId: "b" });
  expect(await run(["deregister", serviceName, "a"])).toMatchObject({
    exitCode: 0,
    stdout: `deregistered a of ${serviceName}\n`,
  });
  expect(await run(["deregister", serviceName, "a"])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("sitq instances"),
  });
  expect(jsonLines(await run(["deregister", serviceName, "b", "--json"]))).toEqual([{ removed: true }]);
});
