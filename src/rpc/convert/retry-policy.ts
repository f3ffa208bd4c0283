import { create } from "@bufbuild/protobuf";
import { RetryPolicySchema, type RetryPolicy as WirePolicy } from "../../../gen/sitq/v1/task_pb.js";
import { limits } from "../../contract/limits.ts";
import type { RetryPolicy } from "../../domain/retry.ts";
import { fromDuration, toDuration } from "./times.ts";
import { refuseField } from "./violations.ts";

/** What a policy says; fields that it leaves out are left out. */
export function fromRetryPolicy(field: string, policy: WirePolicy): Partial<RetryPolicy> {
  const initialBackoffMs = fromDuration(`${field}.initial_backoff`, policy.initialBackoff, 0, limits.initialBackoffMs);
  const maxBackoffMs = fromDuration(`${field}.max_backoff`, policy.maxBackoff, 0, limits.maxBackoffMs);
  if (initialBackoffMs !== null && maxBackoffMs !== null && maxBackoffMs < initialBackoffMs) {
    refuseField(`${field}.max_backoff`, "is shorter than initial_backoff");
  }
  const { multiplier, jitter } = policy;
  if (multiplier !== 0 && !(multiplier >= 1 && multiplier <= limits.multiplier)) {
    refuseField(`${field}.multiplier`, `is ${multiplier}; it must be from 1 to ${limits.multiplier}`);
  }
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1)) {
    refuseField(`${field}.jitter`, `is ${jitter}; it must be from 0 to 1`);
  }
  return {
    ...(initialBackoffMs !== null && { initialBackoffMs }),
    ...(maxBackoffMs !== null && { maxBackoffMs }),
    ...(multiplier !== 0 && { multiplier }),
    ...(jitter !== undefined && { jitter }),
  };
}

/** A policy as it goes out. */
export function toRetryPolicy(policy: RetryPolicy): WirePolicy {
  return create(RetryPolicySchema, {
    initialBackoff: toDuration(policy.initialBackoffMs),
    maxBackoff: toDuration(policy.maxBackoffMs),
    multiplier: policy.multiplier,
    jitter: policy.jitter,
  });
}

/** What a policy says, as it goes out: fields that it leaves out are left out. */
export function toPartialRetryPolicy(policy: Partial<RetryPolicy>): WirePolicy {
  const { initialBackoffMs, maxBackoffMs, multiplier, jitter } = policy;
  return create(RetryPolicySchema, {
    ...(initialBackoffMs !== undefined && { initialBackoff: toDuration(initialBackoffMs) }),
    ...(maxBackoffMs !== undefined && { maxBackoff: toDuration(maxBackoffMs) }),
    ...(multiplier !== undefined && { multiplier }),
    ...(jitter !== undefined && { jitter }),
  });
}
