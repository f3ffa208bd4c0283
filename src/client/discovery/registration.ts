import { randomUUID } from "node:crypto";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { deferred } from "../../async/deferred.ts";
import { linkedController } from "../../async/signals.ts";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { type ClientLog, type ClientLogLevel, clientLogOf, errorText } from "../connection/client-log.ts";
import type { SitqClient } from "../connection/connection.ts";
import { isRetryable } from "../connection/is-retryable.ts";
import { reconnecting } from "../connection/reconnecting.ts";
import { atMost, sleep } from "../connection/sleep.ts";
import { generatedId } from "../options/generated-id.ts";
import { spanOf } from "../options/spans.ts";

/** What is registered, and how it is kept alive. */
export interface RegistrationOptions {
  /** Where the instance can be called: `host:port`, an IPv6 host in brackets. */
  readonly address: string;
  /** The service. Default: the client's. */
  readonly service?: string;
  /** Its name within the service. Default: made of the service, the process id and a random part. */
  readonly instanceId?: string;
  /** How many calls it takes at a time: 1 to 1,000,000. Default 100. */
  readonly capacity?: number;
  /** Its share under WEIGHTED. Default: its capacity. */
  readonly weight?: number;
  /** What else describes it: version, zone, and how its health is asked for (`health_check`, `health_path`). */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How long it counts as alive after its last heartbeat, in milliseconds: 1,000 to 3,600,000. Default 30,000. */
  readonly ttlMs?: number;
  /** Returns its current number of calls, for each heartbeat. Default: not reported, so only reserved places count. */
  readonly load?: () => number;
  /**
   * Called once if another process registers under the same name: this registration is over, and does not register again, since
   * that would begin a fight. Give each process its own `instanceId`. Default: only a warning in the log.
   */
  readonly onReplaced?: () => void;
  /** Where it logs. Default: the client's log. */
  readonly log?: ClientLog | ClientLogLevel;
}

const optionNames: OptionNames<RegistrationOptions> = {
  address: true,
  service: true,
  instanceId: true,
  capacity: true,
  weight: true,
  metadata: true,
  ttlMs: true,
  load: true,
  onReplaced: true,
  log: true,
};

/** An instance of a service, as long as it is kept registered. */
export interface Registration {
  readonly service: string;
  readonly instanceId: string;
  /**
   * `registered` from the first answer on; the heartbeats go on by themselves, and it registers again whenever it must. `draining`: the
   * server knows that it drains. `replaced`: another process has its name, and it is over.
   */
  readonly state: "idle" | "registering" | "registered" | "draining" | "replaced" | "stopped";
  /**
   * Registers, and stays registered until `stop`. Resolves when it is registered.
   *
   * @throws CallError if the server refuses it for good, or `stop` comes first
   * @throws Error if it was started or stopped before
   */
  start(): Promise<void>;
  /**
   * Says that the instance finishes what it has and takes no new calls, so that callers leave it: with a heartbeat at once, and with each
   * one until `stop`. Calls that were on their way still come. Resolves when the server has stored it; where the server does not answer,
   * after 5 seconds with a warning in the log. Idempotent; before `start` it is registered as draining.
   */
  drain(): Promise<void>;
  /**
   * Ends the heartbeats and deregisters, so that it is not called any more; a registration that has replaced it stays. Idempotent;
   * legal before `start`.
   */
  stop(): Promise<void>;
}

/** How long one call may take, in milliseconds. */
const callTimeoutMs = 5_000;
/** The longest wait between two tries, in milliseconds. */
const longestRetryMs = 2_000;

/** Makes a registration. It does nothing before `start`. */
export function createRegistration(client: SitqClient, options: RegistrationOptions): Registration {
  refuseUnknown(options, optionNames);
  const { address, service = client.service, capacity = 0, weight = 0, metadata = {}, ttlMs, load } = options;
  const { instanceId = generatedId(service) } = options;
  const log = options.log === undefined ? client.log : clientLogOf(options.log);
  // Made here and not by the server: a call whose answer was lost is repeated with the same one.
  const key = { serviceName: service, instanceId, registrationId: randomUUID() };
  const facts = { service, instance_id: instanceId };
  const stopping = new AbortController();
  const first = deferred();
  // A stop before the registration must not wait for it.
  first.promise.catch(() => undefined);
  let state: Registration["state"] = "idle";
  let isKnown = false;
  /** Whether the server may have heard of it: also from a call whose answer was lost. */
  let mayBeThere = false;
  let running: Promise<void> | null = null;
  let isDraining = false;
  /** Resolved when the server knows that it drains. */
  const drained = deferred();
  /** Ends the wait for the next heartbeat. */
  let hurry: () => void = () => undefined;

  const calling = () => ({ signal: stopping.signal, timeoutMs: callTimeoutMs });
  const currentLoad = () => (load === undefined ? {} : { currentLoad: load() });

  /** Registers it; answers when the first heartbeat is due, in milliseconds. */
  async function register(): Promise<number> {
    const draining = isDraining;
    const instance = { ...key, address, capacity, weight, metadata: { ...metadata }, draining, ...currentLoad() };
    const request = ttlMs === undefined ? instance : { ...instance, ttl: spanOf("ttl", ttlMs) };
    const { heartbeatInterval } = await client.registry.registerInstance(request, calling());
    isKnown = true;
    mayBeThere = true;
    state = "registered";
    log.info(facts, `registered the instance ${instanceId} of ${service}`);
    first.resolve();
    if (draining) onDrained();
    return intervalOf(heartbeatInterval);
  }

  function onDrained(): void {
    if (state === "registered") state = "draining";
    drained.resolve();
  }

  /** Says that it is there; answers when the next heartbeat is due, in milliseconds. */
  async function announce(): Promise<number> {
    try {
      if (!isKnown) return await register();
      const draining = isDraining;
      const report = { ...key, ...currentLoad(), ...(draining && { draining }) };
      const { heartbeatInterval } = await client.registry.heartbeat(report, calling());
      if (draining) onDrained();
      return intervalOf(heartbeatInterval);
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      if (error.unreached?.maybeSent !== false) mayBeThere = true;
      if (!isKnown || error.reason !== "INSTANCE_NOT_FOUND") throw error;
      log.warn(facts, `the server no longer knows the instance ${instanceId} of ${service}; registering again`);
      isKnown = false;
      return 0;
    }
  }

  /** One answer after the other, as long as the server answers. */
  async function* announcements(): AsyncGenerator<void> {
    while (!stopping.signal.aborted) {
      const wait = linkedController(stopping.signal);
      hurry = wait.abort;
      try {
        const delayMs = await announce();
        yield;
        await sleep(delayMs, wait.signal);
      } finally {
        wait.release();
      }
    }
  }

  function isFinal(error: CallError): boolean {
    return error.reason === "INSTANCE_REPLACED" || (state === "registering" && !isRetryable(error));
  }

  async function run(): Promise<void> {
    const answers = reconnecting(stopping.signal, announcements, {
      tries: client.outages.follow(`the instance ${instanceId} of ${service}`, log),
      isFinal,
      // The server is back before a ttl of the usual length is over.
      backoff: { capMs: longestRetryMs, longestMs: longestRetryMs },
    });
    try {
      for await (const _ of answers);
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      state = error.reason === "INSTANCE_REPLACED" ? "replaced" : "stopped";
      first.reject(error);
      if (state !== "replaced") return;
      const text = `another process registered ${instanceId} of ${service}: this registration has ended`;
      log.warn({ ...facts, error }, text);
      options.onReplaced?.();
    }
  }

  async function deregister(): Promise<void> {
    try {
      await client.registry.deregisterInstance(key, { timeoutMs: callTimeoutMs });
    } catch (error) {
      if (callErrorFrom(error).reason === "INSTANCE_REPLACED") {
        log.warn(
          { ...facts, error },
          `another process registered ${instanceId} of ${service}: keeping its registration`,
        );
        return;
      }
      // Its ttl ends it.
      const text = `could not deregister the instance ${instanceId} of ${service}, which ends with its ttl`;
      log.warn({ ...facts, error }, `${text}: ${errorText(error)}`);
    }
  }

  return {
    service,
    instanceId,
    get state() {
      return state;
    },

    async start() {
      if (state !== "idle") throw new Error(`The instance ${instanceId} was started or stopped before.`);
      state = "registering";
      running = run();
      await first.promise;
    },

    async drain() {
      isDraining = true;
      if (state !== "registering" && state !== "registered") return;
      // A heartbeat that is on its way may not say it: the next one follows it at once.
      hurry();
      await atMost(callTimeoutMs, Promise.race([drained.promise, running]));
      if (state !== "registering" && state !== "registered") return;
      const text = `the server does not know yet that the instance ${instanceId} of ${service} drains`;
      log.warn(facts, `${text}; its next heartbeats say it`);
    },

    async stop() {
      if (stopping.signal.aborted) {
        await running;
        return;
      }
      stopping.abort();
      const wasThere = state === "registering" || state === "registered" || state === "draining";
      state = "stopped";
      first.reject(new CallError("The registration was stopped before it was made.", { code: statusCode.CANCELLED }));
      const loop = running;
      // A call that was cut off may have registered it all the same.
      running = (loop ?? Promise.resolve()).then(() => (wasThere && mayBeThere ? deregister() : undefined));
      await running;
    },
  };
}

function intervalOf(interval: Duration | undefined): number {
  return Math.max(100, interval === undefined ? 10_000 : durationMs(interval));
}
