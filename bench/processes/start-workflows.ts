import {
  type SitqClient,
  type StepResults,
  startWorkflow,
  type WorkflowDefinition,
  workflow,
} from "../../src/client/index.ts";
import { payload } from "../payload.ts";

/** Calls under way at a time. */
const lanes = 64;

/** Four steps, one after the other, all in one queue. */
export function fourSteps(queue: string): WorkflowDefinition<StepResults> {
  const options = { service: queue };
  return workflow("bench")
    .step("a", "work", payload, options)
    .step("b", "work", payload, { ...options, dependsOn: ["a"] })
    .step("c", "work", payload, { ...options, dependsOn: ["b"] })
    .step("d", "work", payload, { ...options, dependsOn: ["c"] });
}

/** Starts a workflow so many times, and says how far it is. */
export async function startWorkflows(
  client: SitqClient,
  definition: WorkflowDefinition<StepResults>,
  count: number,
  say: (progress: string) => void,
): Promise<void> {
  let begun = 0;
  async function lane(): Promise<void> {
    while (begun < count) {
      begun++;
      if (begun % 10_000 === 0) say(`started ${begun.toLocaleString("en")} workflows`);
      await startWorkflow(client, definition);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}
