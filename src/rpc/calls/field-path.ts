import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { fieldValue } from "../../grpc/field-value.ts";

/** A text that stands in a message. */
export interface FoundText {
  readonly text: string;
  /** Where, in the message's own names: `requests[3].task.queue`. */
  readonly field: string;
}

/** The fields of a path: `task.queue`. @throws Error if a message has no such field, or the last is no text */
export function fieldsOf(desc: DescMessage, path: string): DescField[] {
  const fields: DescField[] = [];
  let within: DescMessage | undefined = desc;
  for (const name of path.split(".")) {
    const field: DescField | undefined = within?.fields.find((each) => each.name === name);
    if (field === undefined) throw new Error(`${desc.typeName} has no field ${path}`);
    fields.push(field);
    within = field.message;
  }
  // Only singular texts and lists of them have names in them.
  const last = fields.at(-1);
  const scalar = last?.fieldKind === "scalar" || last?.fieldKind === "list" ? last.scalar : undefined;
  if (scalar !== ScalarType.STRING) throw new Error(`${path} of ${desc.typeName} is no text`);
  return fields;
}

/** Makes the function that finds the texts of a path in a message. What is not set is none; of repeated fields each element is one. */
export function textsAt(fields: readonly DescField[]): (message: Message) => FoundText[] {
  return (message) => {
    let found: { value: unknown; field: string }[] = [{ value: message, field: "" }];
    for (const desc of fields) {
      found = found.flatMap(({ value, field }) => {
        const inner = fieldValue(value, desc);
        const path = field === "" ? desc.name : `${field}.${desc.name}`;
        if (Array.isArray(inner)) return inner.map((each, index) => ({ value: each, field: `${path}[${index}]` }));
        return inner === undefined ? [] : [{ value: inner, field: path }];
      });
    }
    return found.flatMap(({ value, field }) =>
      typeof value === "string" && value !== "" ? [{ text: value, field }] : [],
    );
  };
}
