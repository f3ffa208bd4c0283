import { spawnSync } from "node:child_process";
import { create, type DescMessage, fromBinary, getOption, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { content } from "../../gen/sitq/v1/access_pb.js";
import { file_sitq_v1_admin_service } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";

/** Every payload in what a message holds that is not marked, by its field's name. */
function unmarkedPayloads(desc: DescMessage, met = new Set<DescMessage>()): string[] {
  if (met.has(desc)) return [];
  met.add(desc);
  return desc.fields.flatMap((field) => {
    if (field.message === undefined || getOption(field, content)) return [];
    if (field.message.typeName === "sitq.v1.Payload") return [`${desc.typeName}.${field.name}`];
    return unmarkedPayloads(field.message, met);
  });
}

it.each([QueueService, WorkerService, WorkflowService, EventService, RegistryService])(
  "$name answers no payload in a field that is not marked as content",
  ({ methods }) => {
    expect(methods.flatMap(({ output }) => unmarkedPayloads(output))).toEqual([]);
  },
);

describe("the generation", () => {
  const files = [...withDependencies(file_sitq_v1_admin_service)].map(({ proto }) => proto);
  const name = file_sitq_v1_admin_service.proto.name;

  function complaintsOf(change: (file: FileDescriptorProto) => void): string {
    const protoFile = files.map((file) =>
      fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, file)),
    );
    for (const file of protoFile) if (file.name === name) change(file);
    const request = create(CodeGeneratorRequestSchema, { fileToGenerate: [name], protoFile });
    const input = toBinary(CodeGeneratorRequestSchema, request);
    const { stdout } = spawnSync(process.execPath, ["scripts/protoc-gen-access.ts"], { input });
    return fromBinary(CodeGeneratorResponseSchema, stdout).error;
  }

  it("takes the contract as it is", () => {
    expect(complaintsOf(() => undefined)).toBe("");
  });

  it("refuses a method that does not say who may call it", () => {
    const complaints = complaintsOf((file) => {
      for (const method of file.service[0]?.method ?? []) if (method.name === "Backup") delete method.options;
    });
    expect(complaints).toBe("sitq.v1.AdminService.Backup has no option (sitq.v1.access)");
  });
});

type File = typeof file_sitq_v1_admin_service;

/** A file behind all that it imports. */
function withDependencies(file: File, found = new Set<File>()): Set<File> {
  for (const dependency of file.dependencies) withDependencies(dependency, found);
  return found.add(file);
}
