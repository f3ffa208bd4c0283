import { create, createFileRegistry, type DescFile, fromBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import {
  ServerReflection as ReflectionV1,
  type ServerReflectionResponse as ResponseV1,
} from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflection as ReflectionV1Alpha,
  type ServerReflectionResponse as ResponseV1Alpha,
} from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { refusalOf } from "../../harness/refusal.ts";
import { collect, type RpcHarness, startRpcHarness } from "../rpc-harness.ts";

const served = [QueueService, WorkerService, Health, ReflectionV1, ReflectionV1Alpha];

/** What can be asked, in plain values that suit both versions. */
type Question =
  | { case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices"; value: string }
  | { case: "fileContainingExtension"; value: { containingType: string; extensionNumber: number } }
  | { case: undefined };
type Answer = ResponseV1 | ResponseV1Alpha;

/** Asks several questions on one stream. */
async function ask(harness: RpcHarness, version: "v1" | "v1alpha", questions: readonly Question[]): Promise<Answer[]> {
  const client = version === "v1" ? harness.client(ReflectionV1) : harness.client(ReflectionV1Alpha);
  const call = client.serverReflectionInfo();
  for (const messageRequest of questions) call.send({ host: "here", messageRequest });
  call.end();
  return collect<Answer>(call.responses);
}

async function askOne(
  harness: RpcHarness,
  version: "v1" | "v1alpha",
  question: Question,
): Promise<Answer["messageResponse"]> {
  const answers = await ask(harness, version, [question]);
  return answers[0]?.messageResponse ?? expect.unreachable("no answer");
}

function filesIn(answer: Answer["messageResponse"] | undefined) {
  if (answer?.case !== "fileDescriptorResponse") return expect.unreachable(JSON.stringify(answer));
  return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

/** Every name that a file declares, as the generated descriptors have it. */
function* symbolsOf(file: DescFile): Generator<string> {
  for (const type of nestedTypes(file)) {
    yield type.typeName;
    if (type.kind === "message") for (const field of type.fields) yield `${type.typeName}.${field.name}`;
    if (type.kind === "message") for (const oneof of type.oneofs) yield `${type.typeName}.${oneof.name}`;
    if (type.kind === "service") for (const method of type.methods) yield `${type.typeName}.${method.name}`;
    if (type.kind === "enum") for (const value of type.values) yield `${type.typeName}.${value.name}`;
  }
}

function withImports(file: DescFile): Set<DescFile> {
  const files = new Set([file]);
  for (const known of files) for (const imported of known.dependencies) files.add(imported);
  return files;
}

describe.each(["v1", "v1alpha"] as const)("%s", (version) => {
  it("lists every service, the standard ones included", async () => {
    const harness = await startRpcHarness();
    const answer = await askOne(harness, version, { case: "listServices", value: "" });
    expect(answer).toMatchObject({
      case: "listServicesResponse",
      value: {
        service: served.map((service) => ({ name: service.typeName })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      },
    });
  });

  it("answers each name that a served file declares with the file, and all that it imports", async () => {
    const harness = await startRpcHarness();
    const names = served.flatMap(({ file }) =>
      [...withImports(file)].flatMap((each) => [...symbolsOf(each)].map((symbol) => [symbol, each] as const)),
    );
    const answers = await ask(
      harness,
      version,
      names.map(([value]) => ({ case: "fileContainingSymbol", value })),
    );
    expect(answers).toHaveLength(names.length);
    for (const [index, [symbol, file]] of names.entries()) {
      const files = filesIn(answers[index]?.messageResponse);
      expect(files[0]?.name, symbol).toBe(file.proto.name);
      expect(new Set(files.map(({ name }) => name)), symbol).toEqual(
        new Set([...withImports(file)].map(({ proto }) => proto.name)),
      );
    }
  });

  it("gives files from which a client can build the whole service", async () => {
    const harness = await startRpcHarness();
    for (const service of served) {
      const file = filesIn(await askOne(harness, version, { case: "fileContainingSymbol", value: service.typeName }));
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: file.toReversed() }));
      const built = registry.getService(service.typeName);
      expect(built?.methods.map((m) => [m.name, m.methodKind, m.input.typeName, m.output.typeName])).toEqual(
        service.methods.map((m) => [m.name, m.methodKind, m.input.typeName, m.output.typeName]),
      );
    }
  });

  it.each([
    ["an enum value beside its enum", "sitq.v1.TASK_STATE_PENDING"],
    ["an enum value in its enum", "sitq.v1.TaskState.TASK_STATE_PENDING"],
    ["a nested message", "sitq.v1.WorkRequest.Hello"],
    ["a field of a nested message", "sitq.v1.WorkRequest.Hello.worker_id"],
    ["the entry of a map", "sitq.v1.Task.HeadersEntry"],
    ["a well-known type", "google.protobuf.Timestamp"],
    ["the status of an item", "google.rpc.Status"],
    ["a detail of a refusal, which travels packed", "google.rpc.ErrorInfo"],
    ["another one", "google.rpc.BadRequest.FieldViolation"],
  ])("finds %s", async (_what, value) => {
    const harness = await startRpcHarness();
    expect(filesIn(await askOne(harness, version, { case: "fileContainingSymbol", value }))).not.toHaveLength(0);
  });

  it("gives files by their names", async () => {
    const harness = await startRpcHarness();
    for (const value of ["sitq/v1/task.proto", "google/protobuf/timestamp.proto", "grpc/health/v1/health.proto"]) {
      expect(filesIn(await askOne(harness, version, { case: "fileByFilename", value }))[0]?.name).toBe(value);
    }
  });

  const unknown: readonly Question[] = [
    { case: "fileByFilename", value: "sitq/v1/nothing.proto" },
    { case: "fileByFilename", value: "" },
    { case: "fileContainingSymbol", value: "sitq.v1.Nothing" },
    { case: "fileContainingSymbol", value: "" },
    { case: "fileContainingSymbol", value: "sitq.v1" },
    { case: "fileContainingExtension", value: { containingType: "sitq.v1.Task", extensionNumber: 100 } },
    { case: "allExtensionNumbersOfType", value: "sitq.v1.Nothing" },
  ];

  it.each(unknown)("does not know %j", async (question) => {
    const harness = await startRpcHarness();
    expect(await askOne(harness, version, question)).toMatchObject({
      case: "errorResponse",
      value: { errorCode: statusCode.NOT_FOUND, errorMessage: expect.stringContaining("no") },
    });
  });

  it("knows that no message has extensions", async () => {
    const harness = await startRpcHarness();
    expect(await askOne(harness, version, { case: "allExtensionNumbersOfType", value: "sitq.v1.Task" })).toMatchObject({
      case: "allExtensionNumbersResponse",
      value: { baseTypeName: "sitq.v1.Task", extensionNumber: [] },
    });
  });

  it("goes on after a question that it does not know", async () => {
    const harness = await startRpcHarness();
    const answers = await ask(harness, version, [
      { case: undefined },
      { case: "fileByFilename", value: "nothing" },
      { case: "listServices", value: "" },
    ]);
    expect(answers.map(({ messageResponse }) => messageResponse.case)).toEqual([
      "errorResponse",
      "errorResponse",
      "listServicesResponse",
    ]);
    expect(answers.map(({ validHost }) => validHost)).toEqual(["here", "here", "here"]);
    expect(answers[0]?.messageResponse).toMatchObject({ value: { errorCode: statusCode.INVALID_ARGUMENT } });
  });

  it("is as unknown as any other method where it is off, while health goes on", async () => {
    const harness = await startRpcHarness({ reflection: false });
    expect(await refusalOf(askOne(harness, version, { case: "listServices", value: "" }))).toMatchObject({
      code: "UNIMPLEMENTED",
      reason: "UNKNOWN_METHOD",
    });
    const health = harness.client(Health);
    harness.server.health.setAll(true);
    expect((await health.check({ service: "" })).status).toBe(1);
    const service = version === "v1" ? ReflectionV1.typeName : ReflectionV1Alpha.typeName;
    expect(await refusalOf(health.check({ service }))).toMatchObject({ code: "NOT_FOUND" });
  });

  it("lets the server stop although a client keeps its stream open", async () => {
    const harness = await startRpcHarness();
    const client = version === "v1" ? harness.client(ReflectionV1) : harness.client(ReflectionV1Alpha);
    const call = client.serverReflectionInfo();
    const responses = call.responses[Symbol.asyncIterator]();
    call.send({ messageRequest: { case: "listServices", value: "" } });
    await responses.next();
    const stopped = harness.server.stop(20_000);
    expect(await responses.next()).toEqual({ done: true, value: undefined });
    await stopped;
  });
});

it("serves the comments of the contract, of every method and field", async () => {
  const harness = await startRpcHarness();
  const files = filesIn(await askOne(harness, "v1", { case: "fileContainingSymbol", value: "sitq.v1.QueueService" }));
  const commented = (path: readonly number[], file: (typeof files)[number] | undefined) =>
    file?.sourceCodeInfo?.location.find((each) => each.path.join() === path.join())?.leadingComments ?? "";
  for (const file of files.filter(({ name }) => name.startsWith("sitq/"))) {
    for (const [index, { name, method }] of file.service.entries()) {
      expect(commented([6, index], file), name).not.toBe("");
      for (const [at, each] of method.entries()) expect(commented([6, index, 2, at], file), each.name).not.toBe("");
    }
    for (const [index, { name, field }] of file.messageType.entries()) {
      for (const [at, each] of field.entries()) {
        expect(commented([4, index, 2, at], file), `${name}.${each.name}`).not.toBe("");
      }
    }
  }
  const [service] = files;
  const enqueue = service?.service[0]?.method.findIndex(({ name }) => name === "Enqueue") ?? -1;
  expect(commented([6, 0, 2, enqueue], service)).toMatch(/stores|task/i);
});
