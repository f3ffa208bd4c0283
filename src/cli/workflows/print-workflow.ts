import { WaitReason, type Workflow, WorkflowState } from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { isContentHidden } from "../command/hidden-content.ts";
import type { Session } from "../command/session.ts";
import { printable } from "../terminal/printable.ts";
import { unattendedServices, workflowDetails } from "./workflow-details.ts";
import { workflowJson } from "./workflow-json.ts";
import { workflowRemark, workflowStateWord } from "./workflow-words.ts";

/** Prints all that is known of a workflow. */
export async function printWorkflow(
  { client, out }: Pick<Session, "client" | "out">,
  workflow: Workflow,
): Promise<void> {
  if (out.asJson) {
    await out.json(workflowJson(workflow));
  } else {
    const names = workflow.steps.map(({ serviceName }) => serviceName);
    const isHidden = workflow.input === undefined && (await isContentHidden(client, { kind: "queues", names }));
    await out.line(workflowDetails(workflow, out.layout, { isHidden }));
  }
  if (workflow.wait?.explanation?.reason === WaitReason.NOT_EXECUTED) {
    return out.remark(`\nBegin it: sitq workflows execute ${workflow.id}`);
  }
  const [first, ...others] = unattendedServices(workflow);
  if (first === undefined) return;
  out.remark(`\nNo worker for ${[first, ...others].join(", ")}. Start one: sitq work ${first} --exec 'COMMAND'`);
}

/** The failure of a workflow that was waited for and is not COMPLETED; `null`: it is. */
export function workflowNotCompleted(workflow: Workflow): CommandFailure | null {
  if (workflow.state === WorkflowState.COMPLETED) return null;
  const { id, name } = workflow;
  const why = workflowRemark(workflow);
  return new CommandFailure(
    `the workflow ${id} (${printable(name)}) is ${workflowStateWord(workflow.state)}${why && `: ${why}`}`,
    {
      exitCode: exitCodes.notCompleted,
      hint: `Details: sitq workflows show ${id}. Retry it: sitq workflows retry ${id}`,
    },
  );
}
