import { randomUUID } from "node:crypto";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { createBackoff } from "../connection/backoff.ts";
import { type ClientLog, type ClientLogLevel, clientLogOf, errorText } from "../connection/client-log.ts";
import type { SitqClient } from "../connection/connection.ts";
import { deferred } from "../connection/deferred.ts";
import { isRetryable } from "../connection/is-retryable.ts";
import { sleep } from "../connection/sleep.ts";
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
  /** Answers how many calls it serves now, for each heartbeat. Default: it does not say, and only reserved places count. */
  readonly load?: () => number;
  /**
   * Called once if another process registers under the same name: this registration is over, and does not register again, since
   * that would begin a fight. Give each process its own `instanceId`. Default: only the log says it, as a warning.
   */
  readonly onReplaced?: () => void;
  /** Told what happens. Default: the client's. */
  readonly log?: ClientLog | ClientLogLevel;
}

const optionNames: OptionNames<RegistrationOptions> = {
  ...{ address: true, service: true, instanceId: true, capacity: true, weight: true, metadata: true, ttlMs: true },
  ...{ load: true, onReplaced: true, log: true },
};

/** An instance of a service, as long as it is kept registered. */
export interface Registration {
  readonly service: string;
  readonly instanceId: string;
  /**
   * `registered` from the first answer on; the heartbeats go on by themselves, and it registers again whenever it must.
   * `replaced`: another process has its name, and it is over.
   */
  readonly state: "idle" | "registering" | "registered" | "replaced" | "stopped";
  /**
   * Registers, and goes on for ever. Resolves when it is registered.
   *
   * @throws CallError if the server refuses it for good, or `stop` comes first
   * @throws Error if it was started or stopped before
   */
  start(): Promise<void>;
  /**
   * Ends the heartbeats and deregisters, so that it is not called any more; a registration that has replaced it stays. Idempotent;
   * legal before `start`.
   */
  stop(): Promise<void>;
}

/** How long one call may take, in milliseconds. */
const callTimeoutMs = 5_000;
/** The longest wait between two tries, in milliseconds: the server is back before a ttl of the usual length is over. */
const longestRetryMs = 2_000;

/** Makes a registration. It does nothing before `start`. */
export function createRegistration(client: SitqClient, options: RegistrationOptions): Registration {
  refuseUnknown(options, optionNames);
  const { address, service = client.service, capacity = 0, weight = 0, metadata = {}, ttlMs, load } = options;
  const { instanceId = generatedId(service) } = options;
  const log = options.log === undefined ? client.log : clientLogOf(options.log);
  const tries = client.outages.follow(`the instance ${instanceId} of ${service}`, log);
  // Made here and not by the server: a call whose answer was lost is repeated with the same one.
  const key = { serviceName: service, instanceId, registrationId: randomUUID() };
  const facts = { service, instance_id: instanceId };
  const stopping = new AbortController();
  const first = deferred();
  // Whoever stops it before it is registered need not have waited for it.
  first.promise.catch(() => undefined);
  const backoff = createBackoff({ capMs: longestRetryMs });
  let state: Registration["state"] = "idle";
  let isKnown = false;
  /** Whether the server may have heard of it: also from a call whose answer was lost. */
  let mayBeThere = false;
  let running: Promise<void> | null = null;

  const calling = () => ({ signal: stopping.signal, timeoutMs: callTimeoutMs });
  const currentLoad = () => (load === undefined ? {} : { currentLoad: load() });

  /** Says that it is there; answers when to say so again, in milliseconds. */
  async function announce(): Promise<number> {
    if (isKnown) {
      const { heartbeatInterval } = await client.registry.heartbeat({ ...key, ...currentLoad() }, calling());
      return intervalOf(heartbeatInterval);
    }
    const instance = { ...key, address, capacity, weight, metadata: { ...metadata }, ...currentLoad() };
    const request = ttlMs === undefined ? instance : { ...instance, ttl: spanOf("ttl", ttlMs) };
    const { heartbeatInterval } = await client.registry.registerInstance(request, calling());
    isKnown = true;
    mayBeThere = true;
    state = "registered";
    log.info(facts, `registered the instance ${instanceId} of ${service}`);
    first.resolve();
    return intervalOf(heartbeatInterval);
  }

  /** How long to wait after a failure, in milliseconds; `null`: there is no point in going on. */
  function delayAfter(error: CallError): number | null {
    if (error.reason === "INSTANCE_NOT_FOUND") {
      log.warn(facts, `the server has forgotten the instance ${instanceId} of ${service}; it registers again`);
      isKnown = false;
      return 0;
    }
    if (error.reason === "INSTANCE_REPLACED") {
      log.warn(
        { ...facts, error },
        `another process registered ${instanceId} of ${service} too: this registration is over`,
      );
      return null;
    }
    if (state === "registering" && !isRetryable(error)) return null;
    const delayMs = Math.min(backoff.next(error.retryAfterMs), longestRetryMs);
    tries.failed(error);
    return delayMs;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let delayMs: number | null;
      tries.begin();
      try {
        delayMs = await announce();
        tries.reached();
        backoff.reset();
      } catch (thrown) {
        const error = callErrorFrom(thrown);
        if (error.unreached?.maybeSent !== false) mayBeThere = true;
        if (stopping.signal.aborted) return;
        delayMs = delayAfter(error);
        if (delayMs === null) {
          state = error.reason === "INSTANCE_REPLACED" ? "replaced" : "stopped";
          first.reject(error);
          if (state === "replaced") options.onReplaced?.();
          return;
        }
      }
      await sleep(delayMs, stopping.signal);
    }
  }

  async function deregister(): Promise<void> {
    try {
      await client.registry.deregisterInstance(key, { timeoutMs: callTimeoutMs });
    } catch (error) {
      if (callErrorFrom(error).reason === "INSTANCE_REPLACED") {
        log.warn(
          { ...facts, error },
          `another process has registered ${instanceId} of ${service}: its registration stays`,
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

    async stop() {
      if (stopping.signal.aborted) {
        await running;
        return;
      }
      stopping.abort();
      const wasThere = state === "registering" || state === "registered";
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
