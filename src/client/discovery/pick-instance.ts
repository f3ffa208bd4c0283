import { type BalancingStrategy, BalancingStrategySchema } from "../../../gen/sitq/v1/queue_pb.js";
import type { Instance } from "../../../gen/sitq/v1/registry_service_pb.js";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { errorText } from "../connection/client-log.ts";
import type { SitqClient } from "../connection/connection.ts";
import { type EnumOption, enumValue } from "../options/enum-texts.ts";
import { spanOf } from "../options/spans.ts";

/** From which instances one is chosen, and how. */
export interface PickOptions {
  readonly service: string;
  /** `least_loaded`, `round_robin`, `random`, `weighted` or `sticky`. Default `least_loaded`. */
  readonly strategy?: EnumOption<BalancingStrategy>;
  /** What STICKY keeps on one instance. */
  readonly key?: string;
  /** Only instances with these metadata, all of them. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How long the place is kept at most, in milliseconds: 0, which reserves none, to 3,600,000. Default 30,000. */
  readonly reservationMs?: number;
  readonly signal?: AbortSignal;
}

const optionNames: OptionNames<PickOptions> = {
  service: true,
  strategy: true,
  key: true,
  metadata: true,
  reservationMs: true,
  signal: true,
};

/** An instance with a place on it. `release()` gives the place back; so does the end of a block that declares it with `await using`, from Node 24 on. */
export interface PickedInstance extends AsyncDisposable {
  readonly instance: Instance;
  /** `host:port`. */
  readonly address: string;
  /** Gives the place back. It does not throw: a place that could not be given back runs out. Idempotent. */
  release(): Promise<void>;
}

/** How long a call may take, in milliseconds. */
const callTimeoutMs = 15_000;

/**
 * Has an instance chosen, and a place reserved on it.
 *
 * @throws CallError with SERVICE_NOT_FOUND, NO_HEALTHY_INSTANCE or SERVICE_FULL
 */
export async function pickInstance(client: SitqClient, options: PickOptions): Promise<PickedInstance> {
  refuseUnknown(options, optionNames);
  const { service, strategy = "least_loaded", key = "", metadata = {}, reservationMs, signal } = options;
  const request = {
    serviceName: service,
    strategy: enumValue(BalancingStrategySchema, "strategy", strategy),
    key,
    metadata: { ...metadata },
  };
  const { instance, reservationId } = await client.registry.pickInstance(
    reservationMs === undefined
      ? request
      : { ...request, reservationDuration: spanOf("reservation_duration", reservationMs) },
    { timeoutMs: callTimeoutMs, signal },
  );
  if (instance === undefined) throw new Error("The server answered no instance.");
  let released: Promise<void> | null = reservationId === "" ? Promise.resolve() : null;

  async function giveBack(): Promise<void> {
    try {
      await client.registry.releaseInstance({ reservationId }, { timeoutMs: callTimeoutMs });
    } catch (error) {
      const id = instance?.instanceId;
      const text = `could not give back the place on the instance ${id} of ${service}, which runs out`;
      client.log.warn({ service, instance_id: id, error }, `${text}: ${errorText(error)}`);
    }
  }
  const release = () => {
    released ??= giveBack();
    return released;
  };
  return { instance, address: instance.address, release, [Symbol.asyncDispose]: release };
}
