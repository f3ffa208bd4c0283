import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import {
  type Instance,
  InstanceChangeType,
  InstanceState,
  type RegisterInstanceRequestSchema,
  type WatchInstancesRequestSchema,
  type WatchInstancesResponse,
} from "../../gen/sitq/v1/registry_service_pb.js";
import { present } from "../harness/calls/tasks.ts";
import { createCondition } from "../harness/condition.ts";
import type { TestServer } from "../harness/server.ts";

/** What of a server is needed here. */
type Registry = Pick<TestServer, "registry">;

/** Registers an instance of `inventory`, with what a test changes of it. */
export async function register(
  { registry }: Registry,
  instance: MessageInitShape<typeof RegisterInstanceRequestSchema> = {},
): Promise<Instance> {
  const request = { serviceName: "inventory", instanceId: "a", address: "127.0.0.1:1", ...instance };
  return present((await registry.registerInstance(request)).instance);
}

/** The instances of a service, unhealthy ones too, each as `id:STATE`. */
export async function states({ registry }: Registry, serviceName = "inventory"): Promise<string[]> {
  const { instances } = await registry.discoverInstances({ serviceName, includeUnhealthy: true });
  return instances.map(({ instanceId, state }) => `${instanceId}:${InstanceState[state]}`);
}

/** A watch that is read as it comes. */
export interface WatchedInstances {
  /** All messages so far. */
  readonly messages: readonly WatchInstancesResponse[];
  /** All changes so far, each as `TYPE id:STATE`. */
  readonly changes: readonly string[];
  /** The last resume token. */
  readonly resumeToken: string;
  /** Resolves when the changes hold this one; it rejects if the stream ends before. */
  saw(change: string): Promise<void>;
  /** Resolves once `n` changes have come. */
  count(n: number): Promise<void>;
  /** Resolves with what ended it; `null`: it ended cleanly. */
  readonly ended: Promise<unknown>;
  end(): void;
}

/** Watches instances, from when the first message came. It is ended at the end of the test. */
export async function watchInstances(
  { registry }: Registry,
  request: MessageInitShape<typeof WatchInstancesRequestSchema> = {},
): Promise<WatchedInstances> {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const messages: WatchInstancesResponse[] = [];
  const changes: string[] = [];
  const condition = createCondition();
  async function follow(): Promise<unknown> {
    try {
      for await (const message of registry.watchInstances(request, { signal: ending.signal })) {
        messages.push(message);
        for (const { type, instance } of message.changes) {
          const { instanceId, state } = present(instance);
          changes.push(`${InstanceChangeType[type]} ${instanceId}:${InstanceState[state]}`);
        }
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
  await condition.until(() => messages.some(({ resumeToken }) => resumeToken !== ""), "its beginning was whole");
  return {
    messages,
    changes,
    get resumeToken() {
      return messages.findLast(({ resumeToken }) => resumeToken !== "")?.resumeToken ?? "";
    },
    saw: (change) => condition.until(() => changes.includes(change), change),
    count: (n) => condition.until(() => changes.length >= n, `${n} changes came`),
    ended,
    end: () => ending.abort(),
  };
}
