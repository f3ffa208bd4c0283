import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import type { WatchOverviewRequestSchema, WatchOverviewResponse } from "../../../gen/sitq/v1/monitor_service_pb.js";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import { createCondition } from "../condition.ts";
import type { FakeClock } from "../fake-clock.ts";
import type { TestServer } from "../server.ts";
import { present } from "./tasks.ts";

/** Watches the overview, and remembers every message. It ends with the test. */
export function watchOverview(
  { monitor }: Pick<TestServer, "monitor">,
  request: MessageInitShape<typeof WatchOverviewRequestSchema> = {},
  options: CallOptions = {},
) {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const messages: WatchOverviewResponse[] = [];
  const condition = createCondition();
  async function follow(): Promise<unknown> {
    try {
      for await (const message of monitor.watchOverview(request, { ...options, signal: leave.signal })) {
        messages.push(message);
        condition.changed();
      }
      return null;
    } catch (error) {
      return error;
    }
  }
  const ended = follow().then((why) => {
    condition.end(why);
    return why;
  });
  return {
    messages,
    /** What it began with. */
    get first() {
      return present(messages[0]);
    },
    ended,
    stop: () => leave.abort(),
    saw: (isSo: (message: WatchOverviewResponse) => boolean) =>
      condition.until(() => messages.some(isSo), "the message"),
    /** Lets a second or more pass in which something changes; resolves with the next message. */
    async update(clock: FakeClock, passedMs = 1_000): Promise<WatchOverviewResponse> {
      const before = messages.length;
      clock.advance(passedMs);
      await condition.until(() => messages.length > before, "the next update");
      return present(messages[before]);
    },
  };
}

/** Lets a second pass once the next one is waited for. */
export async function second(clock: FakeClock): Promise<void> {
  await clock.timers((pending) => pending > 0);
  clock.advance(1_000);
}

/** The queues of a message. */
export const namesOf = ({ queues }: Pick<WatchOverviewResponse, "queues">) => queues.map(({ name }) => name);
