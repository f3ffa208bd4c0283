import { create } from "@bufbuild/protobuf";
import {
  WatchOverviewResponse_ProblemListSchema as ProblemListSchema,
  type WatchOverviewResponse,
  WatchOverviewResponseSchema,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { inMessages } from "../../contract/message-size.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { encodeAhead } from "../../grpc/message-codec.ts";
import type { Monitor } from "../../monitor/monitor.ts";
import type { Overview, ShownRow } from "../../monitor/overview.ts";
import type { OverviewChange } from "../../monitor/overview-feed.ts";
import { type OverviewBounds, OverviewView } from "../../monitor/overview-view.ts";
import type { Watch, WatchMessages } from "../calls/watch-group.ts";
import { sizeOfRow, toQueueOverview } from "./overview.ts";
import type { OverallStates } from "./state.ts";

/** What the first message of an update has beside its queues. */
type Head = Partial<Omit<WatchOverviewResponse, "queues" | "more" | "$typeName">>;

/** What watchers with equal bounds and scopes have been sent. */
interface Told {
  readonly view: OverviewView;
  /** As text; empty: those who watch have not been sent the same. */
  totals: string;
  problems: string;
  /** How many queues match; below 0: it has not been sent. */
  matching: number;
}

/** The watches of everything within a scope. Watchers with equal bounds and scopes share what is made for them. */
export class OverviewWatches {
  readonly #monitor: Pick<Monitor, "feed" | "rows" | "historyOf">;
  readonly #states: OverallStates;
  /** Those that are watched, by key. */
  readonly #told = new Map<string, Told>();

  constructor(monitor: Pick<Monitor, "feed" | "rows" | "historyOf">, states: OverallStates) {
    this.#monitor = monitor;
    this.#states = states;
  }

  /** A watch of the queues within bounds and a scope. */
  of(bounds: OverviewBounds, scope: Scope): Watch<OverviewChange, WatchOverviewResponse> {
    const { feed, rows } = this.#monitor;
    const key = JSON.stringify(["overview", bounds, scope.isWhole ? "" : scope.key]);
    const view = new OverviewView(rows, bounds, (name) => scope.allows("queue", name));
    const told = this.#told.get(key) ?? { view, totals: "", problems: "", matching: -1 };
    return {
      key,
      follow: (sink) => {
        this.#told.set(key, told);
        const unfollow = feed.watch(sink);
        return () => {
          unfollow();
          this.#told.delete(key);
        };
      },
      encodeAhead: (message) => encodeAhead(WatchOverviewResponseSchema, message),
      toMessages: (changes) => this.#toMessages(changes, told, scope),
      begin: async () => this.#begin(await feed.read(), told, scope),
      stopped: feed.stopped,
      tooSlow: "Watch again.",
    };
  }

  /** What one begins with: what those are shown who watch already, so that what they are sent next is right for it too. */
  #begin(overview: Overview, told: Told, scope: Scope): WatchMessages<WatchOverviewResponse> {
    const { view } = told;
    if (told.matching < 0) {
      view.update();
      told.matching = view.matching;
    }
    // The others have not been sent these.
    Object.assign(told, { totals: "", problems: "" });
    const { totals, problems } = this.#stateOf(overview, scope);
    const head: Head = { snapshot: true, totals, problems, matchingQueues: view.matching };
    return {
      messages: messagesOf(
        this.#rowsOf(view.inOrder(), () => true),
        head,
      ),
      isLast: false,
    };
  }

  #toMessages(changes: readonly OverviewChange[], told: Told, scope: Scope): WatchMessages<WatchOverviewResponse> {
    const last = changes.at(-1);
    if (last === undefined) return { messages: [], isLast: false };
    const { view } = told;
    const { entered, left } = view.update();
    const changed = new Set([...entered, ...changes.flatMap((change) => [...change.changed])]);
    const shown = [...changed].filter((name) => view.shows(name));
    const hasHistory = (name: string) => entered.has(name) || changes.some(({ moved }) => moved.has(name));
    const rows = this.#rowsOf(shown, hasHistory);

    const { totals, problems } = this.#stateOf(last.overview, scope);
    const now = { totals: textOf(totals), problems: textOf(problems), matching: view.matching };
    const head: Head = {
      ...(now.totals !== told.totals && { totals }),
      ...(now.problems !== told.problems && { problems }),
      ...(now.matching !== told.matching && { matchingQueues: now.matching }),
      ...(left.length > 0 && { removedQueues: [...left] }),
    };
    Object.assign(told, now);
    const isNothing = rows.length === 0 && Object.keys(head).length === 0;
    return { messages: isNothing ? [] : messagesOf(rows, head), isLast: false };
  }

  #stateOf(overview: Overview, scope: Scope) {
    const { totals, problems } = this.#states.of(overview, scope);
    return { totals, problems: create(ProblemListSchema, { problems }) };
  }

  #rowsOf(names: readonly string[], hasHistory: (name: string) => boolean): ShownRow[] {
    const { rows } = this.#monitor;
    return names.flatMap((name) => {
      const row = rows.get(name);
      return row === undefined ? [] : { row, history: hasHistory(name) ? this.#monitor.historyOf(name) : null };
    });
  }
}

function* messagesOf(rows: readonly ShownRow[], head: Head): Generator<WatchOverviewResponse, void> {
  const parts = rows.length === 0 ? [[]] : [...inMessages(rows, ({ row }) => sizeOfRow(row))];
  for (const [index, part] of parts.entries()) {
    const queues = part.map(toQueueOverview);
    const more = index < parts.length - 1;
    yield create(WatchOverviewResponseSchema, { ...(index === 0 ? head : {}), queues, more });
  }
}

function textOf(message: object): string {
  return JSON.stringify(message, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
}
