import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Role } from "../../../gen/sitq/v1/access_pb.js";
import { startSecured } from "../../access/secured-server.ts";
import { startServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser } from "../browser/browser.ts";

const operator = { role: Role.OPERATOR, queues: ["*"], eventTypes: ["*"], services: ["*"] };
/** Calls that are refused until one has signed in, and again when the credentials end. */
const expected = [/status of 401/];

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

describeInBrowser("signing in", (open) => {
  test("the form takes a token, says what is wrong with one, and leaves the address as it is", async () => {
    await using secured = await startSecured();
    const token = await secured.tokenOf("ada", operator);
    const page = await open(secured.server, { at: "#/workers?state=lost", expected });
    const field = page.getByLabel("Token");
    await field.waitFor();
    expect([await field.getAttribute("type"), await field.getAttribute("autocomplete")]).toEqual([
      "password",
      "current-password",
    ]);
    await page.getByText("sitq token create").waitFor();
    await expectNoAxeFindings(page);

    await signIn(page, `${token.slice(0, -4)}AAAA`);
    await page.getByRole("alert").filter({ hasText: "INVALID_CREDENTIALS" }).waitFor();
    await signIn(page, ` ${token} `);
    await page.getByRole("heading", { name: "Workers" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#/workers?state=lost");
    await page.getByText("ada (operator)").waitFor();
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.reload();
    await page.getByText("ada (operator)").waitFor();
  });

  test("after many wrong tokens the page says when to try again, and a right one is still taken", async () => {
    await using secured = await startSecured(undefined, { maxFailedSignIns: 2 });
    const page = await open(secured.server, { expected: [...expected, /status of 429/] });
    const refusal = page.getByRole("alert");
    for (const wrong of ["wrong-1", "wrong-2"]) {
      await signIn(page, wrong);
      await refusal.filter({ hasText: "INVALID_CREDENTIALS" }).waitFor();
    }
    await signIn(page, "wrong-3");
    await refusal.filter({ hasText: /Try again in \d.*TOO_MANY_FAILED_SIGN_INS/s }).waitFor();
    await signIn(page, secured.rootToken);
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  });

  test("signing out ends the cookie", async () => {
    await using secured = await startSecured();
    const page = await open(secured.server, { expected });
    await signIn(page, secured.rootToken);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    await page.getByLabel("Token").waitFor();
    expect(await page.getByRole("navigation", { name: "Views" }).count()).toBe(0);
  });

  test("a token that is revoked leads back to the form, and nothing of what was shown stays", async () => {
    await using secured = await startSecured();
    const token = await secured.tokenOf("ada", operator);
    const page = await open(secured.server, { at: "#/services", expected });
    await signIn(page, token);
    await page.getByText("There is no instance.").waitFor();
    const { tokens } = await secured.access.listTokens({ principal: "ada" }, secured.admin);
    await secured.access.revokeToken({ tokenId: tokens[0]?.tokenId ?? "" }, secured.admin);
    await page.getByLabel("Token").waitFor();
    await page.getByText("revoked").waitFor();
    expect(new URL(page.url()).hash).toBe("#/services");
    expect(await page.getByText("There is no instance.").count()).toBe(0);
    await expect.poll(() => page.context().cookies()).toEqual([]);
  });

  test("a question that is open as the token ends is closed, and leaves the form free", async () => {
    await using secured = await startSecured();
    await secured.server.queue.updateQueue({ queue: { name: "mail" }, allowMissing: true }, secured.admin);
    const token = await secured.tokenOf("ada", operator);
    const page = await open(secured.server, { expected });
    await signIn(page, token);
    await page.getByRole("button", { name: "Pause mail" }).click();
    await page.getByRole("dialog", { name: "Pause queue mail?" }).waitFor();
    const { tokens } = await secured.access.listTokens({ principal: "ada" }, secured.admin);
    await secured.access.revokeToken({ tokenId: tokens[0]?.tokenId ?? "" }, secured.admin);
    await signIn(page, secured.rootToken);
    await page.getByRole("row", { name: "mail" }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("where the grants get narrower, the page says so and goes on with what is left", async () => {
    await using secured = await startSecured();
    const { access, admin, server } = secured;
    await server.queue.updateQueue({ queue: { name: "mail" }, allowMissing: true }, admin);
    await server.queue.updateQueue({ queue: { name: "pay" }, allowMissing: true }, admin);
    const token = await secured.tokenOf("ada", operator);
    const page = await open(server, { expected: [...expected, /status of 403/] });
    await signIn(page, token);
    await page.getByRole("row", { name: "pay" }).waitFor();
    const grants = [{ role: Role.VIEWER, queues: ["mail"] }];
    await access.updatePrincipal({ principal: { name: "ada", grants }, updateMask: { paths: ["grants"] } }, admin);
    await page.getByText(/^Not live\./).waitFor();
    await page.getByRole("button", { name: "Connect again" }).click();
    await page.getByText("ada (viewer)").waitFor();
    await page.getByRole("row", { name: "pay" }).waitFor({ state: "detached" });
    await page.getByRole("row", { name: "mail" }).waitFor();
  });

  test("without authentication there is no form, and no way out", async () => {
    await using server = await startServer();
    const page = await open(server);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
  });
});
