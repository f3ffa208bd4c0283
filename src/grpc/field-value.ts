import type { DescField, Message } from "@bufbuild/protobuf";

/** The value of a field as protobuf-es holds it; `undefined`: it is not set. */
export function fieldValue(message: unknown, { localName, oneof }: DescField): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  if (oneof === undefined) return Reflect.get(message, localName);
  const choice: unknown = Reflect.get(message, oneof.localName);
  if (typeof choice !== "object" || choice === null || Reflect.get(choice, "case") !== localName) return undefined;
  return Reflect.get(choice, "value");
}

/** Calls `visit` with each message in the value of a field: one, or those of a list or a map. */
export function eachMessageIn(value: unknown, visit: (message: Message) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each);
  else if (typeof value === "object" && value !== null) {
    if ("$typeName" in value) visit(value as Message);
    else for (const each of Object.values(value)) visit(each as Message);
  }
}
