import { InvalidArgumentError } from "commander";

/** Reads one more attribute of an option that may be repeated: `tenant=acme`. */
export function collectAttribute(
  text: string,
  collected: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, name, value] = /^([a-z0-9]{1,20})=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Expected a name of lower case letters and digits, and a value: tenant=acme.");
  }
  return { ...collected, [name]: value };
}
