import { type DescFile, type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  SourceCodeInfoSchema,
} from "@bufbuild/protobuf/wkt";
import { comments } from "../../../gen/comments.js";

/** What reflection looks up: the files of the served services, those of messages that travel packed, and all that these import. */
export interface DescriptorIndex {
  /** The full names of the served services, sorted. */
  readonly services: readonly string[];
  /** The encoded file of this name and, after it, all that it imports; `undefined`: there is no such file. */
  fileByName(name: string): readonly Uint8Array[] | undefined;
  /** The same for the file that declares a service, method, message, field, oneof, enum or enum value, by its full name. */
  fileOfSymbol(symbol: string): readonly Uint8Array[] | undefined;
  /** Whether this is the full name of a message. */
  hasMessage(name: string): boolean;
}

/**
 * Makes the index of some services.
 *
 * @param packed files that no service imports, of messages that clients meet inside of a google.protobuf.Any
 */
export function createDescriptorIndex(
  services: readonly DescService[],
  packed: readonly DescFile[] = [],
): DescriptorIndex {
  const files = new Map<string, readonly Uint8Array[]>();
  const symbols = new Map<string, string>();
  const messages = new Set<string>();
  const known = withImports([...services.map((service) => service.file), ...packed]);
  const encoded = new Map(known.map((file) => [file, toBinary(FileDescriptorProtoSchema, withComments(file.proto))]));
  for (const file of known) {
    files.set(
      file.proto.name,
      withImports([file]).flatMap((each) => encoded.get(each) ?? []),
    );
    for (const { name, isMessage } of symbolsOf(file.proto)) {
      symbols.set(name, file.proto.name);
      if (isMessage) messages.add(name);
    }
  }
  return {
    services: services.map((service) => service.typeName).sort(),
    fileByName: (name) => files.get(name),
    fileOfSymbol: (symbol) => files.get(symbols.get(symbol) ?? ""),
    hasMessage: (name) => messages.has(name),
  };
}

/** A file with its comments, which the generated code leaves out: tools show them. */
function withComments(file: FileDescriptorProto): FileDescriptorProto {
  const found = comments[file.name];
  if (found === undefined) return file;
  return { ...file, sourceCodeInfo: fromBinary(SourceCodeInfoSchema, Buffer.from(found, "base64")) };
}

/** The files and all that they import, each once and before what it imports: read backwards they can be built one by one. */
function withImports(files: readonly DescFile[]): DescFile[] {
  const found = new Set<DescFile>();
  const visit = (file: DescFile) => {
    if (found.has(file)) return;
    for (const imported of file.dependencies) visit(imported);
    found.add(file);
  };
  for (const file of files) visit(file);
  return [...found].reverse();
}

interface Symbol {
  readonly name: string;
  readonly isMessage?: boolean;
}

/** Every full name that a file declares, from the descriptor itself: it has the entries of maps too. */
function* symbolsOf(file: FileDescriptorProto): Generator<Symbol> {
  const at = (name: string) => (file.package === "" ? name : `${file.package}.${name}`);
  for (const message of file.messageType) yield* symbolsOfMessage(message, at(message.name));
  for (const descriptor of file.enumType) yield* symbolsOfEnum(descriptor, at(descriptor.name));
  for (const extension of file.extension) yield { name: at(extension.name) };
  for (const service of file.service) {
    yield { name: at(service.name) };
    for (const method of service.method) yield { name: at(`${service.name}.${method.name}`) };
  }
}

function* symbolsOfMessage(message: DescriptorProto, name: string): Generator<Symbol> {
  yield { name, isMessage: true };
  for (const member of [...message.field, ...message.oneofDecl, ...message.extension]) {
    yield { name: `${name}.${member.name}` };
  }
  for (const nested of message.nestedType) yield* symbolsOfMessage(nested, `${name}.${nested.name}`);
  for (const descriptor of message.enumType) yield* symbolsOfEnum(descriptor, `${name}.${descriptor.name}`);
}

function* symbolsOfEnum(descriptor: EnumDescriptorProto, name: string): Generator<Symbol> {
  yield { name };
  // By the language's rules a value stands beside its enum and not in it; people look for it in both places.
  const scope = name.slice(0, -descriptor.name.length);
  for (const value of descriptor.value) {
    yield { name: `${scope}${value.name}` };
    yield { name: `${name}.${value.name}` };
  }
}
