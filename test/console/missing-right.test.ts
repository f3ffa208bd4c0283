import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { coversContent, missingRight } from "../../console/src/rpc/missing-right.ts";
import { GrantSchema, Role } from "../../gen/sitq/v1/access_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";

const { updateQueue, listTasks } = QueueService.method;
const { deregisterInstance } = RegistryService.method;

function grant(role: Role, patterns: { readonly queues?: string[]; readonly services?: string[] } = {}) {
  return create(GrantSchema, { role, ...patterns });
}

test.each([
  ["an admin may everything", [grant(Role.ADMIN)], updateQueue, { queues: ["mail"] }],
  [
    "an operator without patterns may everything of its role",
    [grant(Role.OPERATOR)],
    updateQueue,
    { queues: ["mail"] },
  ],
  ["a prefix covers", [grant(Role.OPERATOR, { queues: ["mail.*"] })], updateQueue, { queues: ["mail.in"] }],
  [
    "grants add up",
    [grant(Role.OPERATOR, { queues: ["mail"] }), grant(Role.OPERATOR, { queues: ["sms"] })],
    updateQueue,
    { queues: ["mail", "sms"] },
  ],
  ["what is not named is not checked", [grant(Role.VIEWER, { queues: ["mail"] })], listTasks, {}],
])("%s", (_, grants, method, touched) => {
  expect(missingRight(grants, method, touched)).toBeNull();
});

test("what is missing is said: the role, or what the grants do not cover", () => {
  const viewer = grant(Role.VIEWER, { queues: ["*"] });
  expect(missingRight([viewer], updateQueue, { queues: ["mail"] })).toBe(
    "You may not do this: it needs the role operator.",
  );
  expect(missingRight([viewer], deregisterInstance, {})).toBe(
    "You may not do this: it needs the role producer or worker or operator.",
  );
  const narrow = grant(Role.OPERATOR, { queues: ["mail.*"] });
  expect(missingRight([narrow, viewer], updateQueue, { queues: ["mail.in", "sms"] })).toBe(
    "You may not do this: your grants do not cover the queue sms.",
  );
  expect(missingRight([narrow], deregisterInstance, { services: ["stock"] })).toBe(
    "You may not do this: your grants do not cover the service stock.",
  );
});

test("content is read by every role that reads, but by a viewer only with payloads", () => {
  const queues = ["mail.*"];
  const cases: readonly (readonly [boolean, ReturnType<typeof grant>])[] = [
    [true, grant(Role.ADMIN)],
    [true, grant(Role.OPERATOR)],
    [true, grant(Role.PRODUCER, { queues })],
    [false, grant(Role.PRODUCER, { queues: ["sms"] })],
    [false, grant(Role.VIEWER, { queues })],
    [true, create(GrantSchema, { role: Role.VIEWER, queues, payloads: true })],
    [false, grant(Role.WORKER, { queues })],
  ];
  for (const [isRead, given] of cases) expect(coversContent([given], "mail.in")).toBe(isRead);
  const reader = create(GrantSchema, { role: Role.VIEWER, queues, eventTypes: ["order.*"], payloads: true });
  expect(coversContent([reader], "order.created", "eventTypes")).toBe(true);
  expect(coversContent([reader], "mail.in", "eventTypes")).toBe(false);
});
