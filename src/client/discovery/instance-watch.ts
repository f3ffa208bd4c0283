import {
  type Instance,
  InstanceChangeType,
  InstanceSource,
  type WatchInstancesResponse,
} from "../../../gen/sitq/v1/registry_service_pb.js";
import type { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { reconnecting } from "../connection/reconnecting.ts";

/** Which instances are watched, and what is called with them. */
export interface InstanceWatchOptions {
  /** The service. Default: every one. */
  readonly service?: string;
  /** Only instances with these metadata, all of them. Default: all. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Called with all instances, in every state, whenever one has changed; the first time when all are known. */
  onChange(instances: readonly Instance[]): void;
  /** Called when the watch has broken; it reconnects after `delayMs`, and keeps what it knows. Outages are logged in any case. */
  onError?(error: CallError, delayMs: number): void;
}

const optionNames: OptionNames<InstanceWatchOptions> = { service: true, metadata: true, onChange: true, onError: true };

/** A watch that reconnects until it is closed. While the server is away it keeps what it knew. */
export interface InstanceWatch {
  /** All that there are, as far as is known. */
  readonly instances: readonly Instance[];
  /** Ends it. Idempotent. */
  close(): void;
}

/**
 * Workers are instances while their streams are open, so that a server which has just started knows none of them: those that were
 * there before count as there for this long, in milliseconds.
 */
const absentWorkersMs = 5_000;

/** Follows instances from now on. @throws CallError INVALID_ARGUMENT of an option that there is not */
export function watchInstances(client: SitqClient, options: InstanceWatchOptions): InstanceWatch {
  refuseUnknown(options, optionNames);
  const { service = "", metadata = {}, onChange } = options;
  const closing = new AbortController();
  let known = new Map<string, Instance>();
  /** Workers that a snapshot did not show, and that may come back. */
  const absent = new Map<string, Instance>();
  let endAbsence: NodeJS.Timeout | undefined;
  /** A snapshot that is not whole; `null`: none is under way. */
  let collected: Map<string, Instance> | null = null;
  let resumeToken = "";

  const instances = () => [...known.values(), ...absent.values()];

  function apply({ snapshot, changes, resumeToken: token }: WatchInstancesResponse): void {
    if (snapshot) collected = new Map();
    const target = collected ?? known;
    for (const { type, instance } of changes) {
      if (instance === undefined) continue;
      const name = nameOf(instance);
      absent.delete(name);
      if (type === InstanceChangeType.REMOVED) target.delete(name);
      else target.set(name, instance);
    }
    if (token === "") return;
    resumeToken = token;
    const isNews = collected !== null || changes.length > 0;
    if (collected !== null) replace(collected);
    collected = null;
    if (isNews) onChange(instances());
  }

  function replace(whole: Map<string, Instance>): void {
    for (const [name, instance] of known) {
      if (instance.source === InstanceSource.WORKER && !whole.has(name)) absent.set(name, instance);
    }
    known = whole;
    if (absent.size === 0) return;
    clearTimeout(endAbsence);
    endAbsence = setTimeout(() => {
      if (absent.size === 0) return;
      absent.clear();
      onChange(instances());
    }, absentWorkersMs);
    endAbsence.unref();
  }

  async function* open(): AsyncGenerator<void> {
    collected = null;
    const request = { serviceName: service, metadata: { ...metadata }, resumeToken };
    for await (const message of client.registry.watchInstances(request, { signal: closing.signal })) {
      // Here, so that what `onChange` throws breaks the stream and not the watch.
      apply(message);
      yield;
    }
    throw new Error("The server ended the watch.");
  }

  async function run(): Promise<void> {
    const messages = reconnecting(closing.signal, open, {
      tries: client.outages.follow(service === "" ? "the watch of instances" : `the watch of ${service}`),
      isFinal: ({ reason }) => reason === "CLOSED",
      backoff: { baseMs: 50, capMs: 2_000 },
      onDown: (error, delayMs) => options.onError?.(error, delayMs),
    });
    for await (const _ of messages);
  }
  // It ends when it is closed, or the client is.
  run().catch(() => undefined);

  return {
    get instances() {
      return instances();
    },
    close() {
      clearTimeout(endAbsence);
      closing.abort();
    },
  };
}

function nameOf({ serviceName, instanceId }: Instance): string {
  return `${serviceName}/${instanceId}`;
}
