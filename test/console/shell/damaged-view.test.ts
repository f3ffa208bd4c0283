import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ListTasksResponseSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { enqueue } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";

describeInBrowser("a view of what is damaged", (open) => {
  test("times beyond every calendar are shown at its end", async () => {
    await using server = await startServer();
    const page = await open(server);
    const task = {
      id: "1",
      queue: "mail",
      type: "send",
      state: TaskState.SCHEDULED,
      createTime: { seconds: 10n ** 14n },
    };
    const early = {
      id: "2",
      queue: "mail",
      type: "send",
      state: TaskState.PENDING,
      createTime: { seconds: -(10n ** 14n) },
    };
    const answer = create(ListTasksResponseSchema, { tasks: [task, early] });
    await page.route("**/ListTasks", (route) => {
      return route.fulfill({
        contentType: "application/proto",
        body: Buffer.from(toBinary(ListTasksResponseSchema, answer)),
      });
    });
    await goTo(page, "#/tasks?queue=mail");
    await page.getByRole("row").nth(2).waitFor();
    expect(await page.getByRole("row").nth(1).innerText()).toMatch(/in \d{8}d/);
    expect(await page.getByRole("row").nth(2).innerText()).toMatch(/\d{9}d/);
  });

  test("one that cannot be drawn says so in its place, and the others are as ever", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    const page = await open(server, { expected: [/rotten/] });
    await page.getByRole("row", { name: "mail" }).waitFor();
    await page.evaluate(() => {
      const format = Object.getOwnPropertyDescriptor(Intl.NumberFormat.prototype, "format")?.get;
      Object.defineProperty(Intl.NumberFormat.prototype, "format", {
        configurable: true,
        get() {
          if (location.hash.startsWith("#/tasks")) throw new Error("rotten");
          return format?.call(this);
        },
      });
    });
    await goTo(page, "#/tasks?queue=mail");
    await page.getByRole("alert").filter({ hasText: "This cannot be shown" }).waitFor();
    expect(await page.getByRole("table").count()).toBe(0);
    await page.getByRole("link", { name: "Go to what is now" }).click();
    await page.getByRole("row", { name: "mail" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});
