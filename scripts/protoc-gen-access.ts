/**
 * A plugin of protoc and buf that writes nothing: it refuses a contract with a method that does not say who may call it, or whose
 * scopes name a field that its request does not have.
 */

import { readFileSync } from "node:fs";
import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  fromBinary,
  getExtension,
  hasExtension,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

const { protoFile, fileToGenerate } = fromBinary(CodeGeneratorRequestSchema, readFileSync(0));
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: protoFile }));
const access = registry.getExtension("sitq.v1.access");

/** Whether a path ends at a text, or a list of them. */
function isText(desc: DescMessage, path: string): boolean {
  const [name, ...rest] = path.split(".");
  const field = desc.fields.find((each) => each.name === name);
  if (field === undefined) return false;
  if (rest.length > 0) return field.message !== undefined && isText(field.message, rest.join("."));
  return (field.fieldKind === "scalar" || field.fieldKind === "list") && field.scalar === ScalarType.STRING;
}

/** What the option says, as its message's fields. */
interface Rules {
  readonly roles: readonly number[];
  readonly scopes: readonly { readonly kind: number; readonly field: string }[];
}

function complaintsOf(method: DescMethod): string[] {
  const { options } = method.proto;
  const name = `${method.parent.typeName}.${method.name}`;
  if (access === undefined || options === undefined || !hasExtension(options, access)) {
    return [`${name} has no option (sitq.v1.access)`];
  }
  const { roles, scopes } = getExtension(options, access) as unknown as Rules;
  const complaints = roles.length === 0 || roles.includes(0) ? [`${name} names no role in (sitq.v1.access)`] : [];
  for (const { kind, field } of scopes) {
    if (kind === 0) complaints.push(`${name} has a scope without a kind`);
    if (field !== "" && !isText(method.input, field))
      complaints.push(`${method.input.typeName} has no text ${field}, a scope of ${name}`);
  }
  return complaints;
}

const complaints = [...registry.files]
  .filter(({ proto }) => fileToGenerate.includes(proto.name) && proto.package.startsWith("sitq."))
  .flatMap(({ services }) => services.flatMap(({ methods }) => methods.flatMap(complaintsOf)));
const response = create(CodeGeneratorResponseSchema, {
  supportedFeatures: 3n,
  minimumEdition: 998,
  maximumEdition: 1000,
  ...(complaints.length > 0 && { error: complaints.join("\n") }),
});
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));
