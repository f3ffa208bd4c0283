import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type WorkflowFilterSchema, WorkflowState } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";

/** The states by the words of the address. */
export const stateOfWord: ReadonlyMap<string, WorkflowState> = new Map([
  ["pending", WorkflowState.PENDING],
  ["running", WorkflowState.RUNNING],
  ["completed", WorkflowState.COMPLETED],
  ["failed", WorkflowState.FAILED],
  ["cancelled", WorkflowState.CANCELLED],
]);

/** Which workflows are listed, as the address has it. Empty: all. */
export interface WorkflowQuery {
  readonly name: string;
  readonly state: readonly string[];
  readonly correlation: string;
  /** A span: `10m`. */
  readonly stuck: string;
}

/** Reads the query of an address. States that there are none of are left out. */
export function workflowQueryOf(query: URLSearchParams): WorkflowQuery {
  return {
    name: query.get("name") ?? "",
    state: query.getAll("state").filter((word) => stateOfWord.has(word)),
    correlation: query.get("correlation") ?? "",
    stuck: query.get("stuck") ?? "",
  };
}

/** What the server is asked for. A span that is none is left out. */
export function workflowFilterOf(query: WorkflowQuery): MessageInitShape<typeof WorkflowFilterSchema> {
  const stuckMs = parseDuration(query.stuck.trim());
  return {
    name: query.name,
    states: query.state.flatMap((word) => stateOfWord.get(word) ?? []),
    correlationId: query.correlation,
    ...(stuckMs !== undefined && { stuckFor: durationFromMs(stuckMs) }),
  };
}
