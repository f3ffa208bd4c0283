import { TaskView } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { failureOf } from "../../rpc/errors.ts";
import { type Entry, eventEntry, taskEntry, workflowEntry } from "./entries.ts";

/** At most so many events, tasks and workflows each are read of a trace, the newest. */
export const mostOfAKind = 10_000;
const pageSize = 1_000;

/** Everything that has a correlation id, as far as it was read. */
export interface Trace {
  readonly entries: readonly Entry[];
  /** There are more: of these only the newest were read. */
  readonly cut: readonly string[];
  /** What may not be read, or could not be, with the reason. */
  readonly missing: readonly string[];
}

interface Page {
  readonly entries: readonly Entry[];
  readonly nextPageToken: string;
}

interface Part {
  readonly entries: readonly Entry[];
  readonly isCut: boolean;
}

/** Reads everything that has a correlation id, by the same calls as `sitq trace`. */
export async function readTrace(correlationId: string, signal: AbortSignal): Promise<Trace> {
  const filter = { correlationId };
  const parts: readonly (readonly [string, (pageToken: string) => Promise<Page>])[] = [
    [
      "events",
      async (pageToken) => {
        const { events, nextPageToken } = await rpc.events.listEvents({ filter, pageSize, pageToken }, { signal });
        return { entries: events.map(eventEntry), nextPageToken };
      },
    ],
    [
      "tasks",
      async (pageToken) => {
        const request = { filter, pageSize, pageToken, explain: true, view: TaskView.BASIC };
        const { tasks, explanations, nextPageToken } = await rpc.queues.listTasks(request, { signal });
        return { entries: tasks.map((task, at) => taskEntry(task, explanations[at])), nextPageToken };
      },
    ],
    [
      "workflows",
      async (pageToken) => {
        const request = { filter, pageSize, pageToken };
        const { workflows, nextPageToken } = await rpc.workflows.listWorkflows(request, { signal });
        return { entries: workflows.map(workflowEntry), nextPageToken };
      },
    ],
  ];
  const read = await Promise.allSettled(parts.map(([, page]) => allOf(page)));
  const failed = read.filter((each) => each.status === "rejected");
  if (failed.length === parts.length) throw failed[0]?.reason;
  return {
    entries: read.flatMap((each) => (each.status === "fulfilled" ? each.value.entries : [])),
    cut: parts.flatMap(([name], at) => {
      const part = read[at];
      return part?.status === "fulfilled" && part.value.isCut ? [name] : [];
    }),
    missing: parts.flatMap(([name], at) => {
      const part = read[at];
      return part?.status === "rejected" ? [`The ${name} are not shown. ${failureOf(part.reason).message}`] : [];
    }),
  };
}

async function allOf(read: (pageToken: string) => Promise<Page>): Promise<Part> {
  const entries: Entry[] = [];
  let pageToken = "";
  do {
    const page = await read(pageToken);
    entries.push(...page.entries);
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && entries.length < mostOfAKind);
  return { entries: entries.slice(0, mostOfAKind), isCut: pageToken !== "" };
}
