import { create } from "@bufbuild/protobuf";
import {
  type WatchInstancesRequest,
  type WatchInstancesResponse,
  WatchInstancesResponseSchema,
} from "../../gen/sitq/v1/registry_service_pb.js";
import { SitqError } from "../domain/errors.ts";
import type { InstanceEvent } from "../registry/instance-feed.ts";
import type { Registry } from "../registry/registry.ts";
import type { CallContext, Outbound } from "./adapter/handlers.ts";
import { fromInstanceFilter, toInstanceChange } from "./convert/instance.ts";
import { tokensOf } from "./page-token.ts";

/** Changes that wait for a watcher that does not read; one that falls further behind is sent away. What it begins with is not counted. */
const bufferedChanges = 10_000;
/** Changes in one message: each is below 20 KiB. */
const changesPerMessage = 100;

/** Streams the instances that match, and what changes, to one watcher until it goes away. */
export async function watchInstances(
  { feed, draining }: Pick<Registry, "feed" | "draining">,
  request: WatchInstancesRequest,
  { signal }: CallContext,
  out: Outbound<WatchInstancesResponse>,
): Promise<void> {
  const filter = fromInstanceFilter(request);
  // A token of another query would hide what this one has not seen: it counts as none.
  const tokens = tokensOf({ watch: "instances", ...filter });
  const position = tokens.cursorOf(request.resumeToken) ?? null;

  const ended = Promise.withResolvers<void>();
  let waiting: InstanceEvent[] = [];
  let scheduled = false;
  const watch = feed.watch(filter, position, (event) => {
    waiting.push(event);
    if (scheduled) return;
    scheduled = true;
    // At the end of this turn: what changes together goes together.
    setImmediate(flush);
  });
  const { beginning } = watch;
  /** What it begins with and has not been sent; `null`: all has. */
  let first: readonly InstanceEvent[] | null = beginning.events;
  let sent = 0;

  function flush(): void {
    scheduled = false;
    while (first !== null && out.writable) {
      const changes = first.slice(sent, sent + changesPerMessage);
      const snapshot = beginning.isSnapshot && sent === 0;
      sent += changes.length;
      const isWhole = sent === first.length;
      if (isWhole) first = null;
      // Of a snapshot a part is no good; of what was missed each message is a step.
      const last = beginning.isSnapshot ? undefined : changes.at(-1)?.position;
      send(changes, isWhole ? beginning.position : last, snapshot);
    }
    while (first === null && waiting.length > 0 && out.writable) {
      const changes = waiting.slice(0, changesPerMessage);
      waiting = waiting.slice(changesPerMessage);
      send(changes, changes.at(-1)?.position, false);
    }
    if (waiting.length > bufferedChanges) ended.reject(tooSlow(waiting.length));
  }

  function send(changes: readonly InstanceEvent[], at: string | undefined, snapshot: boolean): void {
    const resumeToken = at === undefined ? "" : tokens.toToken(at);
    out.send(create(WatchInstancesResponseSchema, { snapshot, changes: changes.map(toInstanceChange), resumeToken }));
  }

  const end = () => ended.resolve();
  signal.addEventListener("abort", end);
  draining.addEventListener("abort", end);
  try {
    out.onDrain(flush);
    flush();
    if (!signal.aborted && !draining.aborted) await ended.promise;
  } finally {
    watch.end();
    signal.removeEventListener("abort", end);
    draining.removeEventListener("abort", end);
  }
  if (draining.aborted) {
    throw new SitqError("DRAINING", "The server is stopping. Watch again.", { retryAfterMs: 1_000 });
  }
}

function tooSlow(behind: number): SitqError {
  const text = `The watcher fell ${behind} changes behind. Watch again from the last resume token.`;
  return new SitqError("WATCH_TOO_SLOW", text, { retryAfterMs: 1_000 });
}
