import { create } from "@bufbuild/protobuf";
import {
  CancelWorkflowResponseSchema,
  ExecuteWorkflowResponseSchema,
  GetWorkflowResponseSchema,
  ListWorkflowsResponseSchema,
  RetryWorkflowResponseSchema,
  StartWorkflowResponseSchema,
  type WorkflowService,
} from "../../../gen/sitq/v1/workflow_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { allowsAll } from "../../domain/access/scoped-name.ts";
import type { Clock } from "../../domain/clock.ts";
import type { WorkflowSummary } from "../../domain/workflows/workflow.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { Workflows } from "../../workflows/workflows.ts";
import type { ScopeLookups } from "../calls/request-scope.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watchers } from "../calls/watchers.ts";
import { parsePageSize, parseText } from "../convert/checks.ts";
import type { SealedPageTokens } from "../paging/sealed-page-token.ts";
import { workflowWatch } from "./watch-workflow.ts";
import { toBasicWorkflow, toWorkflow, toWorkflowSummary } from "./workflow.ts";
import { fromStartRequest, fromWorkflowFilter, stuckForOf, workflowId } from "./workflow-request.ts";

/** What the service needs. */
export interface WorkflowServiceOptions {
  readonly pageTokens: SealedPageTokens;
  readonly lookups: Pick<ScopeLookups, "workflow">;
  readonly workflows: Workflows;
  readonly watchers: Watchers;
  readonly clock: Clock;
  readonly maxPayloadBytes: number;
}

/** A workflow of a listing. */
type ListedWorkflow = WorkflowSummary & { readonly waitingSinceMs?: number };

/** The handlers of sitq.v1.WorkflowService. */
export function workflowServiceHandlers(
  options: WorkflowServiceOptions,
): ServiceHandlers<typeof WorkflowService, RpcContext> {
  const { workflows, lookups, pageTokens, watchers, clock, maxPayloadBytes } = options;

  async function allowedOf(page: readonly ListedWorkflow[], scope: Scope, request: object) {
    if (scope.isWhole) return page;
    const names = await lookups.workflow(
      page.map(({ id }) => id),
      request,
    );
    // One that was deleted meanwhile is not shown.
    return page.filter((_, index) => allowsAll(scope, names[index] ?? [{ kind: "queue", name: "*" }]));
  }

  return {
    async startWorkflow(request, { principal }) {
      const wanted = fromStartRequest(request, { maxPayloadBytes, principal: principal.name });
      const { workflow, created } = await workflows.start(wanted);
      return create(StartWorkflowResponseSchema, { workflow: toBasicWorkflow(workflow, clock.now()), created });
    },

    async executeWorkflow(request) {
      const { workflow, executed } = await workflows.execute(workflowId(request.workflowId));
      return create(ExecuteWorkflowResponseSchema, { workflow: toBasicWorkflow(workflow, clock.now()), executed });
    },

    async getWorkflow(request) {
      const view = await workflows.get(workflowId(request.workflowId));
      return create(GetWorkflowResponseSchema, { workflow: toWorkflow(view, clock.now()) });
    },

    async listWorkflows(request, { scope }) {
      const filter = fromWorkflowFilter(request.filter);
      const stuckForMs = stuckForOf(request.filter);
      const limit = parsePageSize(request.pageSize);
      const query = { list: "workflows", filter, ...(stuckForMs !== null && { stuckForMs }) };
      const cursor = await pageTokens.open(query, request.pageToken);
      const wanted = { filter, cursor, limit };
      const page = await (stuckForMs === null ? workflows.list(wanted) : workflows.listStuck(wanted, stuckForMs));
      const shown = await allowedOf(page.workflows, scope, request);
      const waits = await workflows.waitsOf(shown);
      const nowMs = clock.now();
      return create(ListWorkflowsResponseSchema, {
        workflows: shown.map((workflow, index) => toWorkflowSummary(workflow, nowMs, waits[index])),
        nextPageToken: await pageTokens.seal(query, page.nextCursor),
      });
    },

    async cancelWorkflow(request) {
      const reason = parseText("reason", request.reason, limits.cancelReasonBytes);
      const workflow = await workflows.cancel(workflowId(request.workflowId), reason, request.compensate);
      return create(CancelWorkflowResponseSchema, { workflow: toBasicWorkflow(workflow, clock.now()) });
    },

    async retryWorkflow(request) {
      const workflow = await workflows.retry(workflowId(request.workflowId));
      return create(RetryWorkflowResponseSchema, { workflow: toBasicWorkflow(workflow, clock.now()) });
    },

    async watchWorkflow(request, context, out) {
      await watchers.serve(workflowWatch(workflows.feed, clock, workflowId(request.workflowId)), context, out);
    },
  };
}
