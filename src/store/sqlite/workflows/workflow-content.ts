import { idOfKey } from "../../../domain/ids.ts";
import type { Workflow } from "../../../domain/workflows/workflow.ts";
import type { Engine } from "../engine/engine.ts";
import { bytesChecksum } from "../rows/checksums.ts";

/**
 * Makes a function that reads the input of a workflow, and says what of the workflow is damaged; its steps' tasks say that themselves.
 * It is given how many of the steps have their tasks.
 */
export function createWorkflowContent({ db, plans, damages }: Engine) {
  const select = db.prepare<[number], { readonly input: Uint8Array | null; readonly checksum: number | null }>(
    "SELECT input, input_checksum AS checksum FROM workflow WHERE id = ?",
  );

  return (id: number, stepCount: number): Pick<Workflow, "input" | "damagedFields"> => {
    const { input = null, checksum = null } = select.get(id) ?? {};
    const isInputSound = checksum === null || checksum === bytesChecksum(id, input);
    const plan = plans.of(id);
    const areStepsSound = plan.isSound && stepCount === plan.steps.length;
    if (isInputSound && areStepsSound) return { input };
    damages.leftOut(`workflow ${idOfKey(id)}`);
    const damagedFields = [...(isInputSound ? [] : ["input" as const]), ...(areStepsSound ? [] : ["steps" as const])];
    return { input: isInputSound ? input : null, damagedFields };
  };
}
