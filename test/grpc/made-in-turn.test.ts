import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { TaskSchema } from "../../gen/sitq/v1/task_pb.js";
import { WorkResponse_TasksSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { madeInTurn } from "../../src/grpc/made-in-turn.ts";
import { codecOf } from "../../src/grpc/message-codec.ts";

it.each([[[]], [["a"]], [["a", "b", "c"]]])("is written as a list of what is made of %j, each made once", (ids) => {
  const made: string[] = [];
  const tasks = madeInTurn(TaskSchema, ids, (id, index) => {
    made.push(id);
    return { id, attempt: index, payload: undefined };
  });
  const bytes = codecOf(WorkResponse_TasksSchema).encode({ tasks });
  const whole = create(WorkResponse_TasksSchema, { tasks: ids.map((id, attempt) => ({ id, attempt })) });
  expect(bytes.equals(toBinary(WorkResponse_TasksSchema, whole))).toBe(true);
  expect(made).toEqual(ids.toReversed());
});

it("refuses a value out of range", () => {
  const tasks = madeInTurn(TaskSchema, [{ attempt: 1.5 }], (each) => each);
  expect(() => codecOf(WorkResponse_TasksSchema).encode({ tasks })).toThrow("invalid integer: 1.5");
});
