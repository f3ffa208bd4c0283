import type { Clock } from "../domain/clock.ts";
import type { Instance } from "../domain/instance.ts";
import { limits } from "../domain/limits.ts";
import { createLimiter } from "./limiter.ts";
import { instanceOf } from "./member.ts";
import { serviceNotFound } from "./picking.ts";
import { instanceNotFound } from "./registrations.ts";
import type { Roster } from "./roster.ts";

/** How an instance is, in its own words, in the order of HealthStatus's numbers in the contract, from 1. */
export const healthStatuses = ["serving", "not_serving", "unreachable", "unknown"] as const;

/** What an instance says of itself. */
export interface ProbeAnswer {
  readonly status: (typeof healthStatuses)[number];
  /** Why it is not `serving`, for a person. */
  readonly message: string;
}

/** Asks an instance, which has an address, how it is. It never rejects, and ends soon after `signal` is aborted. */
export type Probe = (instance: Instance, signal: AbortSignal) => Promise<ProbeAnswer>;

/** What came of asking one. */
export interface InstanceHealth extends ProbeAnswer {
  readonly instance: Instance;
  readonly latencyMs: number;
}

/** Asks instances how they are. */
export interface HealthCheck {
  /**
   * Asks them all at once, by id.
   *
   * @param instanceId `null`: all of the service
   * @throws SitqError SERVICE_NOT_FOUND or INSTANCE_NOT_FOUND
   */
  check(
    serviceName: string,
    instanceId: string | null,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<InstanceHealth[]>;
}

/** Connections that are open at a time for it, whoever asks: the others wait, and their time begins when they begin. */
const probesAtATime = 256;

/** Health checks over a roster. Only addresses that are on it are ever called. */
export function createHealthCheck(roster: Roster, clock: Clock, probe: Probe): HealthCheck {
  const limited = createLimiter(probesAtATime);

  async function ask(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<InstanceHealth> {
    const beginMs = clock.monotonic();
    const deadline = new AbortController();
    const callOff = clock.after(timeoutMs, () => deadline.abort());
    const answer = signal.aborted
      ? unanswered("Nobody waits for the answer any more.")
      : await probe(instance, AbortSignal.any([deadline.signal, signal]));
    callOff();
    const latencyMs = clock.monotonic() - beginMs;
    if (!deadline.signal.aborted) return { instance, ...answer, latencyMs };
    return { instance, ...unanswered(`It did not answer within ${timeoutMs / 1_000} s.`), latencyMs };
  }

  return {
    async check(serviceName, instanceId, timeoutMs, signal) {
      const members = roster.members(serviceName);
      if (members.length === 0) throw serviceNotFound(serviceName);
      const meant = members.filter(({ id }) => instanceId === null || id === instanceId);
      if (meant.length === 0) throw instanceNotFound({ serviceName, instanceId: instanceId ?? "" });
      return Promise.all(
        meant
          .slice(0, limits.checkedInstances)
          .map(instanceOf)
          .map((instance) =>
            instance.address === ""
              ? { instance, status: "unknown", message: "It did not say where it can be called.", latencyMs: 0 }
              : limited(() => ask(instance, timeoutMs, signal)),
          ),
      );
    },
  };
}

function unanswered(message: string): ProbeAnswer {
  return { status: "unreachable", message };
}
