import { create, createFileRegistry, type DescFile, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_sitq_v1_event_service } from "../../gen/sitq/v1/event_service_pb.js";
import { file_sitq_v1_payload, PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { file_sitq_v1_queue_service } from "../../gen/sitq/v1/queue_service_pb.js";
import { file_sitq_v1_worker_service } from "../../gen/sitq/v1/worker_service_pb.js";
import { file_sitq_v1_workflow_service } from "../../gen/sitq/v1/workflow_service_pb.js";

/** The services whose requests carry payloads. */
const services = [
  file_sitq_v1_event_service,
  file_sitq_v1_queue_service,
  file_sitq_v1_worker_service,
  file_sitq_v1_workflow_service,
];

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [...withDependencies(services)].map(protoOf) }),
);

/**
 * The same message, whose payloads are not looked into when it is decoded: each is a Payload that holds its fields in `$unknown`, as
 * they came. Decoding 1 MB of JSON in small numbers takes up to 100 ms of the thread that serves everyone.
 */
export function withOpaquePayloads<D extends DescMessage>(desc: D): D {
  // The same type, but for what is known of its payloads.
  return (registry.getMessage(desc.typeName) ?? desc) as D;
}

function withDependencies(files: readonly DescFile[], into = new Set<DescFile>()): Set<DescFile> {
  for (const file of files) {
    withDependencies(file.dependencies, into);
    into.add(file);
  }
  return into;
}

function protoOf(file: DescFile) {
  if (file.name !== file_sitq_v1_payload.name) return file.proto;
  const copy = fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, file.proto));
  for (const message of copy.messageType) {
    if (message.name !== PayloadSchema.name) continue;
    message.field = [];
    message.oneofDecl = [];
  }
  return copy;
}
