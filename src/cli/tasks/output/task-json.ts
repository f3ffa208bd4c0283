import type { JsonObject } from "@bufbuild/protobuf";
import { type Task, TaskSchema } from "../../../client/index.ts";
import { messageJson } from "../../terminal/json.ts";
import { payloadJson } from "../../terminal/payload-text.ts";

/** A whole task in Protobuf's JSON. */
export function taskJson({ payload, result, ...rest }: Task): JsonObject {
  return {
    ...messageJson(TaskSchema, rest),
    ...(payload && { payload: payloadJson(payload) }),
    ...(result && { result: payloadJson(result) }),
  };
}

/** A task of which the server did not send payload, result, headers and attempts: they are not there, rather than empty. */
export function basicTaskJson(task: Task): JsonObject {
  const { headers, attempts, ...rest } = messageJson(TaskSchema, task);
  return rest;
}
