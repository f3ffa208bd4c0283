import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { type SitqClient, type Workflow, WorkflowState } from "../../client/index.ts";
import { protoEnum } from "../../contract/enums.ts";
import { type CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { type Page, pagesOf } from "../command/pages.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { collectWords, wordsText } from "../input/enum-words.ts";
import { parsePast } from "../input/moment.ts";
import { wholeNumber } from "../input/numbers.ts";
import { addWatchOption, type WatchOption, watch } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
import type { Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { workflowSummaryJson } from "./workflow-json.ts";
import { stuckTable, workflowTable } from "./workflow-table.ts";

interface Options extends WatchOption {
  readonly name?: string;
  readonly state?: WorkflowState[];
  readonly correlationId?: string;
  readonly since?: Date;
  readonly until?: Date;
  /** In milliseconds. */
  readonly stuck?: number;
  readonly limit: number;
  readonly all?: boolean;
  readonly ids?: boolean;
}

const states = protoEnum<string, WorkflowState>()({
  pending: WorkflowState.PENDING,
  running: WorkflowState.RUNNING,
  completed: WorkflowState.COMPLETED,
  failed: WorkflowState.FAILED,
  cancelled: WorkflowState.CANCELLED,
});
const stateWords = wordsText(states);

/** The command `sitq workflows list`: workflows, newest first. */
export function listWorkflowsCommand(shell: Shell): Command {
  const command = newCommand("list", {
    does: "list workflows, newest first",
    notes: "With --json: one workflow per line, without steps and input; show has those.",
    examples: [
      ["workflows list --state failed,cancelled --since 1d", "failed and cancelled ones with their errors"],
      ["workflows list --name place-order --state running --all", "running ones"],
      ["workflows list --state running --watch", "live"],
      [
        "workflows list --stuck 10m",
        "those that wait, of whose steps none has ended for so long, and what they wait for",
      ],
      ["workflows list --state failed --ids --all | sitq workflows retry -", "pipe ids to another command"],
    ],
  });
  return addWatchOption(command)
    .option("--name <name>", "only workflows of this name")
    .option("-s, --state <state>", `only workflows in this state (${stateWords}); repeatable`, collectWords(states))
    .option("-c, --correlation-id <id>", "only workflows with this correlation id")
    .option("--since <time>", "only workflows created since then: how long ago, or a time", parsePast)
    .option("--until <time>", "only workflows created before then", parsePast)
    .option(
      "--stuck <duration>",
      "only workflows of whose steps none runs, and none has ended for so long",
      parseDurationOption,
    )
    .option("-n, --limit <number>", "the most to show", wholeNumber(1, 1_000_000_000), 50)
    .option("-a, --all", "all of them")
    .option("--ids", "only ids, one per line")
    .argument("[word]")
    .usage("[options]")
    .action((word: string | undefined) => {
      if (word !== undefined) throw unknownWord(command, word);
      return withSession(shell, command, (session) => printWorkflows(session, command.opts<Options>()));
    });
}

/** What stands behind `workflows` and is no command of it comes here, since `workflows` alone lists them. */
function unknownWord(command: Command, word: string): CommandFailure {
  const known = (command.parent?.commands ?? []).map((each) => each.name()).join(", ");
  return wrongUsage(`unknown command 'workflows ${word}'`, {
    hint: `Subcommands: ${known}. To see one workflow: sitq workflows show ID`,
  });
}

async function printWorkflows(session: Session, options: Options): Promise<void> {
  const { client, out } = session;
  if (options.watch) {
    if (options.all || options.ids) throw wrongUsage("--watch shows so many as --limit says, as a table or as JSON");
    return watch(session, listView(client, options), overviewWakeUps(client));
  }
  let count = 0;
  let hasMore = false;
  for await (const { items, nextPageToken } of pagesOfWorkflows(client, options)) {
    await printPage(items, out, options);
    count += items.length;
    hasMore = nextPageToken !== "";
  }
  printRemark(count, hasMore, out, options);
}

/** The pages of the list, one after the other. */
function pagesOfWorkflows(client: SitqClient, options: Options): AsyncGenerator<Page<Workflow>, void> {
  const { name = "", state = [], correlationId = "", since, until, stuck } = options;
  const filter = {
    name,
    states: state,
    correlationId,
    ...(since && { createdAfter: timestampFromDate(since) }),
    ...(until && { createdBefore: timestampFromDate(until) }),
    ...(stuck !== undefined && { stuckFor: durationFromMs(stuck) }),
  };
  return pagesOf(options.all ? Number.POSITIVE_INFINITY : options.limit, async (page) => {
    const { workflows, nextPageToken } = await client.workflow.listWorkflows({ filter, ...page }, briefly);
    return { items: workflows, nextPageToken };
  });
}

interface Listed {
  readonly workflows: readonly Workflow[];
  readonly hasMore: boolean;
}

function listView(client: SitqClient, options: Options): View<Listed> {
  return {
    items: "workflows",
    async read() {
      const workflows: Workflow[] = [];
      let hasMore = false;
      for await (const { items, nextPageToken } of pagesOfWorkflows(client, options)) {
        workflows.push(...items);
        hasMore = nextPageToken !== "";
      }
      return { workflows, hasMore };
    },
    async print({ workflows, hasMore }, out) {
      await printPage(workflows, out, options);
      printRemark(workflows.length, hasMore, out, options);
    },
    json: ({ workflows }) => workflows.map(workflowSummaryJson),
  };
}

function printRemark(count: number, hasMore: boolean, out: Printer, { stuck }: Options): void {
  if (count === 0) out.remark(stuck === undefined ? "No matching workflows." : "No workflow is stuck.");
  else if (hasMore) out.remark(`Showing the newest ${count}; for more: --limit NUMBER or --all.`);
}

async function printPage(workflows: readonly Workflow[], out: Printer, { ids = false, stuck }: Options): Promise<void> {
  if (workflows.length === 0) return;
  if (ids) return out.line(workflows.map(({ id }) => id).join("\n"));
  if (!out.asJson) return out.line((stuck === undefined ? workflowTable : stuckTable)(workflows, out.layout));
  for (const workflow of workflows) await out.json(workflowSummaryJson(workflow));
}
