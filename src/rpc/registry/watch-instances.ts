import { create } from "@bufbuild/protobuf";
import {
  type WatchInstancesRequest,
  type WatchInstancesResponse,
  WatchInstancesResponseSchema,
} from "../../../gen/sitq/v1/registry_service_pb.js";
import type { Scope } from "../../domain/access/scope.ts";
import { encodeAhead } from "../../grpc/message-codec.ts";
import type { InstanceEvent, InstanceFeed } from "../../registry/instance-feed.ts";
import { inChunks } from "../calls/in-chunks.ts";
import type { Watch, WatchMessages } from "../calls/watch-group.ts";
import { tokensOf } from "../paging/page-token.ts";
import { allowedServices, fromInstanceFilter, toInstanceChange } from "./instance.ts";

/** Changes in one message: each is below 20 KiB. */
const changesPerMessage = 100;

/** A watch of the instances that match: those that there are, or what was missed since the token, and what changes. */
export function instanceWatch(
  feed: InstanceFeed,
  request: WatchInstancesRequest,
  scope: Scope,
): Watch<InstanceEvent, WatchInstancesResponse> {
  const wanted = fromInstanceFilter(request);
  const query = { watch: "instances", ...wanted, ...(!scope.isWhole && { scope: scope.key }) };
  const filter = { ...wanted, ...allowedServices(scope) };
  // A token of another query would hide what this one has not seen: it counts as none.
  const tokens = tokensOf(query);
  const position = tokens.cursorOf(request.resumeToken) ?? null;

  function messageOf(
    changes: readonly InstanceEvent[],
    at: string | undefined,
    snapshot: boolean,
  ): WatchInstancesResponse {
    const resumeToken = at === undefined ? "" : tokens.toToken(at);
    return create(WatchInstancesResponseSchema, { snapshot, changes: changes.map(toInstanceChange), resumeToken });
  }

  function* beginning(): Generator<WatchInstancesResponse, void> {
    const { events, position: end, isSnapshot } = feed.beginning(filter, position);
    if (events.length === 0) yield messageOf([], end, isSnapshot);
    let snapshot = isSnapshot;
    const toMessage = (changes: readonly InstanceEvent[], isLast: boolean) => {
      // Of a snapshot a part is no good; of what was missed each message is a step.
      const last = isSnapshot ? undefined : changes.at(-1)?.position;
      const message = messageOf(changes, isLast ? end : last, snapshot);
      snapshot = false;
      return message;
    };
    yield* inChunks(events, changesPerMessage, toMessage);
  }

  return {
    key: JSON.stringify(query),
    follow: (sink) => feed.watch(filter, sink),
    encodeAhead: (message) => encodeAhead(WatchInstancesResponseSchema, message),
    toMessages: (changes): WatchMessages<WatchInstancesResponse> => ({
      messages: inChunks(changes, changesPerMessage, (chunk) => messageOf(chunk, chunk.at(-1)?.position, false)),
      isLast: false,
    }),
    begin: () => ({ messages: beginning(), isLast: false }),
    stopped: feed.stopped,
    tooSlow: "Watch again from the last resume token.",
  };
}
