import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker, type ScriptedWorker } from "../../harness/calls/scripted-worker.ts";
import { readWorkflow, start, stepStates, stepsIn } from "../../harness/calls/workflows.ts";
import { startServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";
import { rowOf } from "../browser/tables.ts";

const steps = [
  ...stepsIn("inventory", { reserve: "" }, { compensateWith: "release" }),
  ...stepsIn("payment", { charge: "reserve" }, { compensateWith: "refund", maxRetries: 0 }),
  ...stepsIn("inventory", { ship: "charge" }),
];

const terminal = {
  case: "failed",
  value: { error: { type: "CardError", message: "the card is <b>expired</b>" }, terminal: true },
} as const;

/** Resolves once a step stands in the graph with a state. */
function drawn(page: Page, step: string, state: string): Promise<void> {
  return page.getByRole("link", { name: new RegExp(`^${step} ${step} \\S ${state}`) }).waitFor();
}

async function next(worker: ScriptedWorker) {
  const [task] = await worker.take(1);
  if (task === undefined) throw new Error("No task came");
  return task;
}

describeInBrowser("the view of a workflow", (open) => {
  test("its graph goes on without being loaded again, through a failure and its retry to the end", async () => {
    await using server = await startServer();
    const worker = await connectWorker(server, { queues: ["inventory", "payment"] });
    const workflow = await start(server, { steps: steps.map(({ compensateWith: _, ...step }) => step) });
    const page = await open(server, { at: `#/workflow/${workflow.id}` });
    await drawn(page, "reserve", "running");
    await page.evaluate(() => document.body.setAttribute("data-mark", "same page"));
    await rowOf(page, "charge").filter({ hasText: 'it waits for the step "reserve"' }).waitFor();

    await worker.complete(await next(worker));
    await drawn(page, "reserve", "completed");
    await drawn(page, "charge", "running");
    await worker.end([await next(worker)], terminal);
    await drawn(page, "charge", "failed");
    await drawn(page, "ship", "cancelled");
    await page.getByRole("heading", { level: 1, name: "place-order failed" }).waitFor();

    // By keys alone: the step in the graph, and its details.
    const node = page.getByRole("link", { name: /^charge charge \S failed/ });
    await node.focus();
    await page.keyboard.press("Enter");
    const detail = page.getByRole("region", { name: "Step charge" });
    await detail.getByText("the card is <b>expired</b>").waitFor();
    expect(new URL(page.url()).hash).toBe(`#/workflow/${workflow.id}?step=charge`);
    await expectNoAxeFindings(page);

    await page.getByRole("button", { name: "Retry" }).click();
    const dialog = page.getByRole("dialog", { name: "Retry place-order?" });
    await dialog.getByText("Fresh attempts for: charge, ship.").waitFor();
    await dialog.getByText("Completed, and not run again: reserve.").waitFor();
    await dialog.getByRole("button", { name: "Retry" }).click();
    await drawn(page, "charge", "running \\(attempt 2\\)");
    for (const step of ["charge", "ship"]) {
      await worker.complete(await next(worker));
      await drawn(page, step, "completed");
    }
    await page.getByRole("heading", { level: 1, name: "place-order completed" }).waitFor();
    expect(await page.getAttribute("body", "data-mark")).toBe("same page");
    expect(stepStates(await readWorkflow(server, workflow))).toMatchObject({ reserve: "COMPLETED", ship: "COMPLETED" });
  });

  test("cancelling says what is compensated in which order, and the compensations are shown as they run", async () => {
    await using server = await startServer();
    const worker = await connectWorker(server, { queues: ["inventory", "payment"] });
    const workflow = await start(server, { steps });
    await worker.complete(await next(worker));
    await worker.complete(await next(worker));
    const ship = await next(worker);
    const page = await open(server, { at: `#/workflow/${workflow.id}` });
    await drawn(page, "ship", "running");

    await page.getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel place-order?" });
    await dialog.getByText("Running, and told to stop: ship.").waitFor();
    await dialog.getByRole("checkbox", { name: "Compensate what is completed" }).check();
    await dialog.getByText("One after the other: charge (refund), reserve (release).").waitFor();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("the customer left");
    await expectNoAxeFindings(page);
    await dialog.getByRole("button", { name: "Cancel the workflow" }).click();
    await worker.end([ship], { case: "released", value: {} });

    const refund = await next(worker);
    await drawn(page, "charge", "completed ↶1 ●");
    const list = page.getByRole("listitem").filter({ hasText: " by " });
    await list.filter({ hasText: "charge by refund: ● running" }).waitFor();
    await list.filter({ hasText: "reserve by release: not begun" }).waitFor();
    await worker.complete(refund);
    await worker.complete(await next(worker));
    await page.getByText("Its steps are compensated: it cannot be retried.").waitFor();
    await drawn(page, "reserve", "completed ↶2 ✓");
    const { state, failure } = await readWorkflow(server, workflow);
    expect([state, failure?.error?.message]).toEqual([WorkflowState.CANCELLED, "the customer left"]);
  });

  test("the listing is what the address asks for, with what each waits for", async () => {
    await using server = await startServer();
    const waits = await start(server, { name: "place-order", steps, correlationId: "req-7" });
    const other = await start(server, { name: "restock", steps: stepsIn("stock", { count: "" }) });
    const page = await open(server, { at: "#/workflows" });
    await rowOf(page, other.id).waitFor();
    await rowOf(page, waits.id).filter({ hasText: 'reserve: no worker is on the queue "inventory"' }).waitFor();
    const filter = page.getByRole("searchbox", { name: "Name" });
    await filter.fill("restock");
    await filter.press("Enter");
    await rowOf(page, waits.id).waitFor({ state: "detached" });
    expect(new URL(page.url()).hash).toBe("#/workflows?name=restock");

    await goTo(page, "#/workflows?correlation=req-7&state=pending");
    await rowOf(page, waits.id).waitFor();
    await rowOf(page, other.id).waitFor({ state: "detached" });
    await goTo(page, "#/workflows?stuck=1h");
    await page.getByText("No workflow is stuck for so long.").waitFor();
    await expectNoAxeFindings(page);
  });

  test("a graph of a hundred steps is drawn smaller and larger by buttons", async () => {
    await using server = await startServer();
    const graph = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`s${n}`, n < 5 ? "" : `s${n - 5}`]));
    const workflow = await start(server, { steps: stepsIn("work", graph) });
    const page = await open(server, { at: `#/workflow/${workflow.id}` });
    await drawn(page, "s99", "blocked");
    const width = () =>
      page
        .locator(".graph svg")
        .first()
        .evaluate((svg) => svg.getBoundingClientRect().width);
    const whole = await width();
    await page.getByRole("button", { name: "Draw smaller" }).click();
    await expect.poll(width).toBeCloseTo(whole * 0.8, 0);
    await page.getByRole("button", { name: "Draw larger" }).click();
    await expect.poll(width).toBeCloseTo(whole, 0);
    await page.getByRole("button", { name: "Fit to width" }).click();
    await expect.poll(width).toBeLessThan(whole);
  });
});
