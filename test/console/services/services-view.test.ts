import { expect, test } from "vitest";
import { Role } from "../../../gen/sitq/v1/access_pb.js";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { startSecured } from "../../access/secured-server.ts";
import { startServer } from "../../harness/server.ts";
import { openStream } from "../../rpc/xds/ads-harness.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";

describeInBrowser("the views of services", (open) => {
  test("instances come and vanish live, and are checked and deregistered by the page", async () => {
    await using server = await startServer();
    const register = (instanceId: string) =>
      server.registry.registerInstance({
        serviceName: "stock",
        instanceId,
        address: server.address,
        metadata: { zone: "a" },
        currentLoad: 3,
        capacity: 10,
      });
    await register("stock-1");
    const page = await open(server, { at: "#/services" });
    const service = page.getByRole("row", { name: "stock" });
    await service.getByText("all are healthy").waitFor();
    await service.getByText("3/10").waitFor();
    await expectNoAxeFindings(page);
    // Nothing else of the server changes with it.
    await server.registry.registerInstance({ serviceName: "billing", instanceId: "billing-1", address: "10.0.0.7:80" });
    await page.getByRole("row", { name: "billing" }).waitFor();
    await service.getByRole("link", { name: "stock" }).click();

    const first = page.getByRole("row", { name: "stock-1" });
    await first.getByText("healthy").waitFor();
    await register("stock-2");
    const second = page.getByRole("row", { name: "stock-2" });
    await second.waitFor();
    await page.getByText("2 instances, 2 healthy, 0 draining").waitFor();
    await server.registry.heartbeat({ serviceName: "stock", instanceId: "stock-1", draining: true });
    await first.getByText("draining").waitFor();
    await page.getByText("2 instances, 1 healthy, 1 draining").waitFor();
    await expectNoAxeFindings(page);
    await page.getByRole("link", { name: "Services" }).first().click();
    await service.getByText("some drain").waitFor();
    await service.getByRole("link", { name: "stock" }).click();
    await second.waitFor();
    await server.registry.deregisterInstance({ serviceName: "stock", instanceId: "stock-1" });
    await first.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Check now stock-2" }).click();
    await second.getByText(/^serving/).waitFor();
    await expectNoAxeFindings(page);
    await page.getByRole("button", { name: "Deregister stock-2" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deregister it" }).click();
    await page.getByText("The service has no instance.").waitFor();
    const { instances } = await server.registry.discoverInstances({ serviceName: "stock" });
    expect(instances).toEqual([]);
  });

  test("a viewer sees instances, and why it can neither check nor deregister them", async () => {
    await using secured = await startSecured();
    const instance = { serviceName: "stock", instanceId: "stock-1", address: "10.0.0.7:80" };
    await secured.server.registry.registerInstance(instance, secured.admin);
    const token = await secured.tokenOf("vic", { role: Role.VIEWER, services: ["*"] });
    const page = await open(secured.server, { at: "#/service/stock", expected: [/status of 401/] });
    await page.getByLabel("Token").fill(token);
    await page.keyboard.press("Enter");
    const deregister = page.getByRole("button", { name: "Deregister stock-1" });
    await deregister.waitFor();
    await page.getByText("You may not do this: it needs the role").first().waitFor();
    for (const button of [deregister, page.getByRole("button", { name: "Check now stock-1" })]) {
      expect(await button.getAttribute("aria-disabled")).toBe("true");
    }
    await deregister.click({ force: true });
    expect(await page.getByRole("dialog").count()).toBe(0);
    await expectNoAxeFindings(page);
  });

  test("how a service is balanced, its clients by xDS and what they are not sent are shown", async () => {
    await using server = await startServer();
    const instance = { serviceName: "stock", instanceId: "stock-1", address: "0.0.0.0:80" };
    await server.registry.registerInstance(instance);
    const sticky = { name: "stock", strategy: BalancingStrategy.STICKY, hashHeader: "x-customer" };
    await server.registry.updateService({ service: sticky });
    await server.registry.updateService({ service: { name: "later", strategy: BalancingStrategy.RANDOM } });
    const stream = openStream(server);
    const response = await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: ["stock"] });
    stream.refuse(response, ["stock"], "no <b>ring</b>");
    await server.logged("a client of xDS has refused");
    const page = await open(server, { at: "#/services" });
    const stock = page.getByRole("row", { name: "stock" });
    await stock.getByText("sticky by x-customer").waitFor();
    await stock.getByText("refused 1: no <b>ring</b>").waitFor();
    await page.getByRole("row", { name: "later" }).getByText("no instances").waitFor();
    await expectNoAxeFindings(page);
    await stock.getByRole("link", { name: "stock" }).click();
    await page.getByText("0.0.0.0 is the address of no machine").waitFor();
    await expectNoAxeFindings(page);
  });

  test("what an instance says of itself is shown as text", async () => {
    await using server = await startServer();
    await server.registry.registerInstance({
      serviceName: "stock",
      instanceId: "stock-1",
      address: "10.0.0.7:80",
      metadata: { note: "<img src=x onerror=alert(1)>" },
    });
    const page = await open(server, { at: "#/service/stock" });
    await page.getByText("<img src=x onerror=alert(1)>").waitFor();
    await goTo(page, "#/service/nothing");
    await page.getByText("The service has no instance.").waitFor();
  });
});
