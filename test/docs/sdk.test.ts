import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const sources = readdirSync("src/client", { recursive: true, encoding: "utf8" });
const page = readFileSync("docs/sdk-typescript.md", "utf8");

/** The members of an interface as its source has them. */
function membersOf(file: string, name: string): string[] {
  const path = sources.find((each) => each.endsWith(`/${file}.ts`));
  const source = readFileSync(`src/client/${path}`, "utf8");
  const [, body = ""] = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n(.*?)^\\}`, "ms").exec(source) ?? [];
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map((match) => match[1] ?? "");
}

it.each([
  ["connection", "ConnectOptions"],
  ["security", "SecurityOptions"],
  ["tls", "TlsOptions"],
  ["bearer-token", "IssuedToken"],
  ["producer", "ProducerOptions"],
  ["producer", "EnqueueAllOptions"],
  ["await-end", "AwaitOptions"],
  ["await-task", "AwaitTaskOptions"],
  ["new-task", "TaskOptions"],
  ["new-task", "RetryPolicyOptions"],
  ["publisher", "PublisherOptions"],
  ["new-event", "EventOptions"],
  ["worker-options", "WorkerOptions"],
  ["worker-options", "WorkerEvents"],
  ["worker-status", "WorkerStatus"],
  ["registration", "RegistrationOptions"],
  ["pick-instance", "PickOptions"],
  ["pick-instance", "PickedInstance"],
  ["subscribe", "SubscribeOptions"],
  ["workflow-definition", "StepOptions"],
  ["start-workflow", "StartWorkflowOptions"],
])("the SDK's page names every option of %s: %s", (file, name) => {
  const members = membersOf(file, name);
  expect(members).not.toEqual([]);
  expect(members.filter((member) => !new RegExp(`\\b${member}\\b`).test(page))).toEqual([]);
});

it("the SDK's page has no block of TypeScript that is not run", () => {
  const blocks = page.split("\n").flatMap((line, index, lines) => (line === "```ts" ? [lines[index - 1] ?? ""] : []));
  expect(blocks.filter((before) => !before.startsWith("<!-- run"))).toEqual([]);
});
