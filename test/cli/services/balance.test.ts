import { describe, expect, it } from "vitest";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { register } from "../../registry/registry-harness.ts";
import { jsonLines, sitq } from "../cli-harness.ts";

const server = shareServer();

function run(args: readonly string[]) {
  return sitq([...args, "--address", server().address]);
}

describe("balance and services", () => {
  it("chooses how calls are balanced, and shows it", async () => {
    const serviceName = freshQueue();
    await register(server(), { serviceName, instanceId: "a", address: "127.0.0.1:1" });
    const changed = await run(["balance", serviceName, "sticky", "--hash-header", "x-customer"]);
    expect(changed).toMatchObject({ exitCode: 0, stdout: `${serviceName}: sticky by x-customer\n` });
    const { stdout } = await run(["services"]);
    expect(stdout).toMatch(/^SERVICE +HEALTHY +LOAD +CAPACITY +UTILIZATION +STRATEGY +XDS$/m);
    expect(stdout).toMatch(new RegExp(`^${serviceName} +1/1 +0 +100 +0% +sticky by x-customer +0$`, "m"));
    const json = jsonLines(await run(["balance", serviceName, "default", "--json"]));
    expect(json).toMatchObject([{ name: serviceName, load: { instanceCount: 1 } }]);
  });

  it("says which option is missing or too much, and which strategies there are", async () => {
    const refused = async (...args: string[]) => await run(["balance", freshQueue(), ...args]);
    const [missing, tooMuch, misspelt] = [
      await refused("sticky"),
      await refused("round-robin", "--hash-header", "x"),
      await refused("stiky"),
    ];
    expect([missing.exitCode, tooMuch.exitCode, misspelt.exitCode]).toEqual([2, 2, 2]);
    expect(missing.stderr).toContain("Add --hash-header NAME.");
    expect(tooMuch.stderr).toContain("--hash-header is for sticky alone");
    expect(misspelt.stderr).toContain("random, weighted, sticky, default.");
  });

  it("says that a service has no instances, which may be a misspelt name", async () => {
    const { stdout, stderr } = await run(["balance", freshQueue(), "random"]);
    expect(stdout).toContain(": random\n");
    expect(stderr).toContain("It has no instances yet");
  });

  it("names the option of the key where the service is sticky", async () => {
    const serviceName = freshQueue();
    await register(server(), { serviceName, instanceId: "a", address: "127.0.0.1:1" });
    await run(["balance", serviceName, "sticky", "--hash-header", "x-customer"]);
    const refused = await run(["pick", serviceName]);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("Add --key KEY.")]);
    expect(await run(["pick", serviceName, "--key", "7"])).toMatchObject({ exitCode: 0, stdout: "127.0.0.1:1\n" });
  });
});
