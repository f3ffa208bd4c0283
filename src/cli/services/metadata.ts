import { type Command, InvalidArgumentError } from "commander";

/** What `--metadata` leaves behind. */
export interface MetadataOption {
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Gives a command `--metadata`. */
export function addMetadataOption(command: Command): Command {
  return command.option("-m, --metadata <key=value>", "only instances with it; may be repeated: all of them", collect);
}

function collect(text: string, collected: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("It is a key and a value: zone=b.");
  return { ...collected, [key]: value };
}
