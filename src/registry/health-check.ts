import { linkedController } from "../async/signals.ts";
import { formatDuration } from "../contract/duration.ts";
import type { Clock } from "../domain/clock.ts";
import { type Instance, type InstanceKey, isBehind, type ServiceFilter } from "../domain/instance.ts";
import { instanceNotFound, serviceNotFound } from "../domain/refusals/registry.ts";
import type { InstanceTable } from "./instance-table.ts";
import { createLimiter } from "./limiter.ts";
import { instanceOf } from "./member.ts";

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
   * Asks them all at once, by service and id; one that does not answer does not delay the others.
   *
   * @throws SitqError SERVICE_NOT_FOUND or INSTANCE_NOT_FOUND
   */
  check(query: HealthQuery, timeoutMs: number, signal: AbortSignal): Promise<HealthPage>;
}

/** Which instances are asked. */
export interface HealthQuery extends ServiceFilter {
  /** `null`: all of the service. */
  readonly instanceId: string | null;
  /** Go on behind this one; `null`: from the first. */
  readonly after: InstanceKey | null;
  readonly limit: number;
}

/** Their answers. */
export interface HealthPage {
  readonly answers: readonly InstanceHealth[];
  /** There are more behind the last of these. */
  readonly isCut: boolean;
}

/** Probe connections open at a time, over all calls: others wait, and their timeout starts with them. */
const probesAtATime = 256;

/** Creates health checks of the instances in a table. Only addresses that are in it are ever called. */
export function createHealthCheck(table: InstanceTable, clock: Clock, probe: Probe): HealthCheck {
  const limited = createLimiter(probesAtATime);

  async function ask(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<InstanceHealth> {
    const beginMs = clock.monotonic();
    const end = linkedController(signal);
    let isLate = false;
    const endTimer = clock.after(timeoutMs, () => {
      isLate = true;
      end.abort();
    });
    const answer = signal.aborted ? unanswered("The caller has cancelled.") : await probe(instance, end.signal);
    endTimer();
    end.release();
    const latencyMs = clock.monotonic() - beginMs;
    if (!isLate) return { instance, ...answer, latencyMs };
    return { instance, ...unanswered(`It did not answer within ${formatDuration(timeoutMs)}.`), latencyMs };
  }

  return {
    async check({ serviceName, allowsService = () => true, instanceId, after, limit }, timeoutMs, signal) {
      const services = serviceName === null ? table.services().filter(allowsService) : [serviceName];
      const members = services.flatMap((name) => table.members(name));
      if (serviceName !== null && members.length === 0) throw serviceNotFound(serviceName);
      const meant = members.filter(({ id }) => instanceId === null || id === instanceId);
      if (serviceName !== null && meant.length === 0) {
        throw instanceNotFound(serviceName, instanceId ?? "");
      }
      const left = after === null ? meant : meant.filter(({ key }) => isBehind(key, after));
      const answers = await Promise.all(
        left
          .slice(0, limit)
          .map(instanceOf)
          .map((instance): InstanceHealth | Promise<InstanceHealth> =>
            instance.address === ""
              ? { instance, status: "unknown", message: "The instance has no address.", latencyMs: 0 }
              : limited(() => ask(instance, timeoutMs, signal)),
          ),
      );
      return { answers, isCut: left.length > limit };
    },
  };
}

function unanswered(message: string): ProbeAnswer {
  return { status: "unreachable", message };
}
