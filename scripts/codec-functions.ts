/** The code of the functions that `protoc-gen-codec` writes for a message. */

import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { Edition, isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** The methods of WireReader and WireWriter by the type of the value, and the zero value as it is written in code. */
const scalars: Partial<Record<ScalarType, readonly [method: string, zero: string, wireType: number]>> = {
  [ScalarType.STRING]: ["string", '""', 2],
  [ScalarType.BYTES]: ["bytes", "noBytes", 2],
  [ScalarType.BOOL]: ["bool", "false", 0],
  [ScalarType.INT32]: ["int32", "0", 0],
  [ScalarType.UINT32]: ["uint32", "0", 0],
  [ScalarType.INT64]: ["int64", "0n", 0],
  [ScalarType.UINT64]: ["uint64", "0n", 0],
  [ScalarType.DOUBLE]: ["double", "0", 1],
};

function unsupported(field: DescField): never {
  throw new Error(`${field}: protoc-gen-codec does not support this kind of field`);
}

function scalarOf(field: DescField): readonly [method: string, zero: string, wireType: number] {
  if (field.enum !== undefined) return ["int32", "0", 0];
  return (field.scalar !== undefined && scalars[field.scalar]) || unsupported(field);
}

/** As protobuf-es names it: `WorkResponse_Tasks`. */
export function nameOf(message: DescMessage): string {
  const scope = message.file.proto.package === "" ? "" : `${message.file.proto.package}.`;
  return message.typeName.slice(scope.length).replaceAll(".", "_");
}

const tagOf = (field: DescField, wireType: number) => String(((field.number << 3) | wireType) >>> 0);

/** Refuses what the functions below cannot do. */
export function assertSupported(message: DescMessage): void {
  if (message.file.edition !== Edition.EDITION_PROTO3) throw new Error(`${message}: only proto3 is supported`);
  for (const field of message.fields) {
    const isJson = field.message?.typeName === "google.protobuf.Struct" && message.typeName !== "google.protobuf.Value";
    const isWrapper = field.message !== undefined && isWrapperDesc(field.message);
    if (isJson || isWrapper || (field.fieldKind === "map" && field.mapKey !== ScalarType.STRING)) unsupported(field);
  }
}

/** The message with nothing set, of a fixed shape: what is absent is `undefined`, so that all of a kind have one hidden class. */
export function blankOf(message: DescMessage, isOpaque: boolean): string {
  const members = message.members.map((member) => {
    if (member.kind === "oneof") return `${member.localName}: { case: undefined }`;
    if (member.fieldKind === "list") return `${member.localName}: []`;
    if (member.fieldKind === "map") return `${member.localName}: {}`;
    const isOptional = member.fieldKind === "message" || member.proto.proto3Optional;
    return `${member.localName}: ${isOptional ? "undefined" : scalarOf(member)[1]}`;
  });
  const kept = isOpaque ? ["$encoded: undefined"] : [];
  const lines = [`$typeName: "${message.typeName}"`, ...members, ...kept].map((line) => `    ${line},`);
  return `export function blank${nameOf(message)}() {\n  return {\n${lines.join("\n")}\n  };\n}`;
}

/** An expression that reads a message, into `into` if that is one already. */
function readMessage(message: DescMessage, into: string | null): string {
  const blank = `blank${nameOf(message)}()`;
  return `decode${nameOf(message)}(${into === null ? blank : `${into} ?? ${blank}`}, reader, reader.uint32())`;
}

function readField(field: DescField): string[] {
  const name = `message.${field.localName}`;
  switch (field.fieldKind) {
    case "scalar":
    case "enum": {
      const value = `reader.${scalarOf(field)[0]}()`;
      if (field.oneof === undefined) return [`${name} = ${value};`];
      return [`message.${field.oneof.localName} = { case: "${field.localName}", value: ${value} };`];
    }
    case "message": {
      if (field.oneof === undefined) return [`${name} = ${readMessage(field.message, name)};`];
      const oneof = `message.${field.oneof.localName}`;
      const existing = `(${oneof}.case === "${field.localName}" ? ${oneof}.value : undefined)`;
      return [`${oneof} = { case: "${field.localName}", value: ${readMessage(field.message, existing)} };`];
    }
    case "list": {
      if (field.message !== undefined) return [`${name}.push(${readMessage(field.message, null)});`];
      const [method, , wireType] = scalarOf(field);
      const one = `${name}.push(reader.${method}());`;
      if (wireType === 2) return [one];
      return [
        "if ((tag & 7) !== 2) {",
        `  ${one}`,
        "} else {",
        "  const packedEnd = reader.uint32() + reader.pos;",
        `  while (reader.pos < packedEnd) ${one}`,
        "}",
      ];
    }
    case "map": {
      const { message } = field;
      const value = message === undefined ? `reader.${scalarOf(field)[0]}()` : readMessage(message, "value");
      const zero = message === undefined ? scalarOf(field)[1] : `blank${nameOf(message)}()`;
      return [
        "const entryEnd = reader.uint32() + reader.pos;",
        'let key = "";',
        "let value;",
        "while (reader.pos < entryEnd) {",
        "  const entryTag = reader.tag();",
        "  switch (entryTag >>> 3) {",
        "    case 1: key = reader.string(); break;",
        `    case 2: value = ${value}; break;`,
        "    default: reader.skip(entryTag);",
        "  }",
        "}",
        `reader.put(${name}, key, value ?? ${zero});`,
      ];
    }
  }
}

/** The function that reads a message: what the field was before is merged with what comes. */
export function decodeOf(message: DescMessage, isOpaque: boolean): string {
  const cases = message.fields.flatMap((field) => {
    const lines = readField(field);
    // A map declares what it reads an entry into.
    const [open, close] = field.fieldKind === "map" ? [" {", ["      }"]] : ["", []];
    return [`      case ${field.number}:${open}`, ...[...lines, "break;"].map((line) => `        ${line}`), ...close];
  });
  const inner = [
    "    const tag = reader.tag();",
    "    switch (tag >>> 3) {",
    ...cases,
    "      default:",
    "        reader.unknown(message, tag);",
    "    }",
  ];
  return [
    `export function decode${nameOf(message)}(message, reader, length) {`,
    ...(isOpaque ? ["  if (reader.keepsOpaque) return reader.opaque(message, length);"] : []),
    "  const end = reader.enter(length);",
    "  while (reader.pos < end) {",
    ...inner,
    "  }",
    "  reader.leave();",
    "  return message;",
    "}",
  ].join("\n");
}

function writeMessage(tag: string, message: DescMessage, value: string): string[] {
  return [`const end = writer.size;`, `encode${nameOf(message)}(${value}, writer);`, `writer.end(${tag}, end);`];
}

/**
 * When the value of a field is written, as protobuf-es decides it: also for values that are not of the field's type. What is absent is
 * not written: an object that `create` takes need not have the field.
 */
function isWritten(field: DescField & { fieldKind: "scalar" | "enum" | "message" }): string {
  const isPresent = "value != null";
  if (field.fieldKind === "message" || field.proto.proto3Optional) return isPresent;
  if (field.fieldKind === "enum" || field.scalar === ScalarType.STRING || field.scalar === ScalarType.BOOL)
    return `value !== ${scalarOf(field)[1]} && ${isPresent}`;
  if (field.scalar === ScalarType.BYTES) return `${isPresent} && value.length !== 0`;
  if (field.scalar === ScalarType.DOUBLE) return `!Object.is(value, 0) && ${isPresent}`;
  return `value != 0 && ${isPresent}`;
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);

/** Writes `value`. */
function writeValue(field: DescField): string[] {
  if (field.message !== undefined) return writeMessage(tagOf(field, 2), field.message, "value");
  const [method, , wireType] = scalarOf(field);
  return [`writer.${method}(${tagOf(field, wireType)}, value);`];
}

function writeField(field: DescField): string[] {
  const name = `message.${field.localName}`;
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
    case "message":
      if (field.oneof !== undefined) {
        const write = ["const { value } = oneof;", ...writeValue(field)];
        return [
          `oneof = message.${field.oneof.localName};`,
          `if (oneof != null && oneof.case === "${field.localName}") {`,
          ...indented(write),
          "}",
        ];
      }
      return [`value = ${name};`, `if (${isWritten(field)}) {`, ...indented(writeValue(field)), "}"];
    case "list":
      return [`value = ${name};`, "if (value != null) {", ...indented(writeList(field)), "}"];
    case "map": {
      const entry =
        field.message !== undefined
          ? writeMessage("18", field.message, "value[keys[i]]")
          : [`writer.${scalarOf(field)[0]}(${16 | scalarOf(field)[2]}, value[keys[i]]);`];
      return [
        `value = ${name};`,
        "if (value != null) {",
        "  const keys = Object.keys(value);",
        "  for (let i = keys.length - 1; i >= 0; i--) {",
        "    const entryEnd = writer.size;",
        ...indented(indented(entry)),
        "    writer.string(10, keys[i]);",
        `    writer.end(${tagOf(field, 2)}, entryEnd);`,
        "  }",
        "}",
      ];
    }
  }
}

function writeList(field: DescField & { fieldKind: "list" }): string[] {
  const loop = "for (let i = value.length - 1; i >= 0; i--)";
  if (field.message !== undefined)
    return [`${loop} {`, ...indented(writeMessage(tagOf(field, 2), field.message, "value.at(i)")), "}"];
  const [method, , wireType] = scalarOf(field);
  if (!field.packed) return [`${loop} writer.${method}(${tagOf(field, wireType)}, value[i]);`];
  return [
    "if (value.length > 0) {",
    "  const end = writer.size;",
    `  ${loop} writer.${method}(0, value[i]);`,
    `  writer.end(${tagOf(field, 2)}, end);`,
    "}",
  ];
}

/**
 * The function that writes a message, or what `create` makes one of, its last field first. Such an object has no type name, and
 * `create` leaves unknown fields of it out.
 */
export function encodeOf(message: DescMessage, isOpaque: boolean): string {
  const fields = message.fields.toSorted((a, b) => b.number - a.number);
  const isMessage = `message.$typeName === "${message.typeName}"`;
  const lines = [
    `if (${isMessage}) {`,
    ...(isOpaque ? ["  if (message.$encoded !== undefined) writer.encoded(message.$encoded);"] : []),
    "  if (message.$unknown !== undefined) writer.unknown(message.$unknown);",
    `} else writer.init(message, "${message.typeName}");`,
    ...(fields.some(({ oneof }) => oneof === undefined) ? ["let value;"] : []),
    ...(fields.some(({ oneof }) => oneof !== undefined) ? ["let oneof;"] : []),
    ...fields.flatMap(writeField),
  ];
  return [`export function encode${nameOf(message)}(message, writer) {`, ...lines.map((line) => `  ${line}`), "}"].join(
    "\n",
  );
}
