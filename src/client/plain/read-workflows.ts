import {
  type Workflow,
  type WorkflowFilter,
  WorkflowFilterSchema,
  WorkflowSchema,
  type WorkflowService,
} from "../../../gen/sitq/v1/workflow_service_pb.js";
import type { Client } from "../../rpc/adapter/client.ts";
import { fromPlain, type PlainOptions } from "./from-plain.ts";
import { eachItem, type ListOptions, present, type ReadOptions, readCall } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** A workflow as a plain object, with its steps. */
export type WorkflowRecord = Plain<Workflow>;

/** Which workflows are listed. */
export interface WorkflowListOptions extends PlainOptions<WorkflowFilter>, ListOptions {}

/** Reads workflows as plain objects. */
export interface WorkflowReader {
  /** One workflow, with its steps and their results. @throws CallError NOT_FOUND */
  get(workflowId: string, options?: ReadOptions): Promise<WorkflowRecord>;
  /** Workflows, newest first. @throws CallError INVALID_ARGUMENT of a filter that does not fit */
  list(options?: WorkflowListOptions): AsyncIterable<WorkflowRecord>;
}

/** Reads over a typed client. */
export function createWorkflowReader(service: Client<typeof WorkflowService>): WorkflowReader {
  return {
    async get(workflowId, options = {}) {
      const { workflow } = await service.getWorkflow({ workflowId }, readCall(options));
      return toPlain(WorkflowSchema, present(workflow, "workflow"));
    },
    list({ pageSize, signal, ...wanted } = {}) {
      const filter = fromPlain(WorkflowFilterSchema, "filter", wanted);
      return eachItem({ pageSize, signal }, async (page, call) => {
        const { workflows, nextPageToken } = await service.listWorkflows({ filter, ...page }, call);
        return { items: workflows.map((workflow) => toPlain(WorkflowSchema, workflow)), nextPageToken };
      });
    },
  };
}
