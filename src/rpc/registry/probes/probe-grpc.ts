import { status as statusCode } from "@grpc/grpc-js";
import {
  Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../../gen/grpc/health/v1/health_pb.js";
import { type CallError, callErrorFrom } from "../../../grpc/client/call-error.ts";
import { createChannel } from "../../../grpc/client/channel.ts";
import { createClient } from "../../../grpc/client/client.ts";
import { notGrpc } from "../../../grpc/client/unreached.ts";
import type { Probe, ProbeAnswer } from "../../../registry/health-check.ts";

/** Nothing but the instance itself is called: no proxy of the environment, no service config out of DNS. */
const options = { "grpc.enable_http_proxy": 0, "grpc.service_config_disable_resolution": 1 };

/** Asks an instance over `grpc.health.v1` how it is as a whole. */
export const probeGrpc: Probe = async ({ address }, signal) => {
  // With its scheme: a host by the name of one, such as `unix`, would be taken for it.
  const channel = createChannel(`dns:${address}`, { options });
  try {
    const { status } = await createClient(Health, channel).check({}, { signal });
    return answerOf(status);
  } catch (error) {
    return failureOf(callErrorFrom(error));
  } finally {
    channel.close();
  }
};

function answerOf(status: ServingStatus): ProbeAnswer {
  if (status === ServingStatus.SERVING) return { status: "serving", message: "" };
  const message = `Health is ${ServingStatus[status] ?? status}.`;
  return { status: status === ServingStatus.NOT_SERVING ? "not_serving" : "unknown", message };
}

/** The codes of calls that did not come through. */
const unreachable: readonly number[] = [statusCode.UNAVAILABLE, statusCode.DEADLINE_EXCEEDED, statusCode.CANCELLED];

function failureOf({ code, codeName, message, unreached }: CallError): ProbeAnswer {
  if (unreached?.why.startsWith(notGrpc)) {
    return {
      status: "unknown",
      message: "The answer is not gRPC: register the instance with the metadata health_check=http.",
    };
  }
  if (unreached !== null) return { status: "unreachable", message: unreached.why };
  if (unreachable.includes(code)) return { status: "unreachable", message };
  if (code === statusCode.UNIMPLEMENTED) {
    return { status: "unknown", message: "The instance does not serve grpc.health.v1." };
  }
  return { status: "unknown", message: `Answered ${codeName}: ${message}` };
}
