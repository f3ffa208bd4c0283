import {
  type Workflow,
  type WorkflowFilter,
  WorkflowFilterSchema,
  WorkflowSchema,
  type WorkflowService,
} from "../../../gen/sitq/v1/workflow_service_pb.js";
import type { Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { fromPlain, type PlainOptions } from "./from-plain.ts";
import { eachItem, type ListOptions, listNames, present, type ReadOptions, readCall, readNames } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** A workflow as a plain object, with its steps. */
export type WorkflowRecord = Plain<Workflow>;

/** Which workflows are listed. */
export interface WorkflowListOptions extends PlainOptions<WorkflowFilter>, ListOptions {}

/** How a workflow is cancelled. */
export interface CancelWorkflowOptions extends ReadOptions {
  /** Why, for the running handlers and for later readers of the workflow. At most 1 KiB. */
  readonly reason?: string;
  /** Whether the steps that are completed are undone. Default false. */
  readonly compensate?: boolean;
}

const cancelNames: OptionNames<CancelWorkflowOptions> = { ...readNames, reason: true, compensate: true };

/** Reads workflows as plain objects, cancels them, and lets them go on. */
export interface WorkflowReader {
  /** One workflow, with its steps and their results. @throws CallError NOT_FOUND */
  get(workflowId: string, options?: ReadOptions): Promise<WorkflowRecord>;
  /** Workflows, newest first. @throws CallError INVALID_ARGUMENT of a filter that does not fit */
  list(options?: WorkflowListOptions): AsyncIterable<WorkflowRecord>;
  /** Cancels a workflow and the steps that run. @throws CallError WORKFLOW_NOT_FOUND; WORKFLOW_FINISHED */
  cancel(workflowId: string, options?: CancelWorkflowOptions): Promise<WorkflowRecord>;
  /** Goes on with one that failed or was cancelled. @throws CallError WORKFLOW_NOT_FOUND; WORKFLOW_NOT_RETRYABLE */
  retry(workflowId: string, options?: ReadOptions): Promise<WorkflowRecord>;
}

/** Creates a reader over a typed client. */
export function createWorkflowReader(service: Client<typeof WorkflowService>): WorkflowReader {
  return {
    async get(workflowId, options = {}) {
      const { workflow } = await service.getWorkflow({ workflowId }, readCall(options));
      return toPlain(WorkflowSchema, present(workflow, "workflow"));
    },
    async cancel(workflowId, options = {}) {
      refuseUnknown(options, cancelNames);
      const { reason = "", compensate = false, ...read } = options;
      const { workflow } = await service.cancelWorkflow({ workflowId, reason, compensate }, readCall(read));
      return toPlain(WorkflowSchema, present(workflow, "workflow"));
    },
    async retry(workflowId, options = {}) {
      const { workflow } = await service.retryWorkflow({ workflowId }, readCall(options));
      return toPlain(WorkflowSchema, present(workflow, "workflow"));
    },
    list({ pageSize, signal, ...wanted } = {}) {
      const filter = fromPlain(WorkflowFilterSchema, "filter", wanted, Object.keys(listNames));
      return eachItem({ pageSize, signal }, async (page, call) => {
        const { workflows, nextPageToken } = await service.listWorkflows({ filter, ...page }, call);
        return { items: workflows.map((workflow) => toPlain(WorkflowSchema, workflow)), nextPageToken };
      });
    },
  };
}
