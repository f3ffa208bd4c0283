import { idOfKey } from "../../../domain/ids.ts";
import type { Workflow } from "../../../domain/workflows/workflow.ts";
import type { Engine } from "../engine/engine.ts";
import { bytesChecksum } from "../rows/checksums.ts";

/** Makes a function that reads the input of a workflow, and says what of the workflow is damaged; its steps' tasks say that themselves. */
export function createWorkflowContent({ db, plans, damages }: Engine) {
  const select = db.prepare<[number], { readonly input: Uint8Array | null; readonly checksum: number | null }>(
    "SELECT input, input_checksum AS checksum FROM workflow WHERE id = ?",
  );

  return (id: number): Pick<Workflow, "input" | "damagedFields"> => {
    const { input = null, checksum = null } = select.get(id) ?? {};
    const isInputSound = checksum === null || checksum === bytesChecksum(id, input);
    const isPlanSound = plans.of(id).isSound;
    if (isInputSound && isPlanSound) return { input };
    damages.leftOut(`workflow ${idOfKey(id)}`);
    const damagedFields = [...(isInputSound ? [] : ["input" as const]), ...(isPlanSound ? [] : ["steps" as const])];
    return { input: isInputSound ? input : null, damagedFields };
  };
}
