import { expect, test } from "vitest";
import { enqueue } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";

/** Reads of what has not the id, or cannot have it, which the field makes to find what has it. */
const expected = [/status of 40[04]/];

describeInBrowser("the header", (open) => {
  test("the navigation names the view that is shown, and what belongs to it", async () => {
    await using server = await startServer();
    const page = await open(server);
    const navigation = page.getByRole("navigation", { name: "Views" });
    await navigation.getByRole("link", { name: "Now" }).waitFor();
    expect(await navigation.getByRole("link").allTextContents()).toEqual([
      "Now",
      "Tasks",
      "Workflows",
      "Events",
      "Workers",
      "Services",
    ]);
    const current = async () => {
      const link = navigation.locator("[aria-current]");
      return [await link.textContent(), await link.getAttribute("aria-current")];
    };
    expect(await current()).toEqual(["Now", "page"]);
    await goTo(page, "#/service/stock");
    await page.getByRole("heading", { name: "stock" }).waitFor();
    expect(await current()).toEqual(["Services", "true"]);
  });

  test("by keys alone one comes to the content and to a task by its id", async () => {
    await using server = await startServer();
    const { id } = await enqueue(server, { queue: "mail" });
    const page = await open(server, { expected });
    await page.getByRole("heading", { name: "Now" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.keyboard.press("/");
    await page.keyboard.type(` ${id} `);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**#/task/${id}`);
    await page.waitForFunction(() => document.activeElement?.id === "main");
    await page.keyboard.press("/");
    // Where one types, it is a letter.
    await page.keyboard.type("a/b");
    expect(await page.getByRole("searchbox").first().inputValue()).toBe("a/b");
  });

  test("it leads to queues, events and correlation ids; of several it asks which, and says where there is none", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail", correlationId: "order-7" });
    await server.event.publish({ event: { id: "order-7", type: "order.created", sourceService: "shop" } });
    const page = await open(server, { expected });
    const field = page.getByRole("searchbox", { name: /^Go to/ });
    const found = page.getByRole("search").getByRole("status");
    await field.fill("order-7");
    await field.press("Enter");
    await found.getByRole("link", { name: "correlation id" }).waitFor();
    expect(await found.getByRole("link").allTextContents()).toEqual(["event", "correlation id"]);
    await expectNoAxeFindings(page);
    await found.getByRole("link", { name: "event" }).click();
    await page.waitForURL("**#/event/shop/order-7");
    await found.getByRole("link").first().waitFor({ state: "detached" });
    await field.fill("mail");
    await field.press("Enter");
    await page.waitForURL("**#/queue/mail");
    await field.fill("nothing at all");
    await field.press("Enter");
    await found.getByText("Nothing has this id or name.").waitFor();
  });
});
