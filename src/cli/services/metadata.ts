import { type Command, InvalidArgumentError } from "commander";

/** What `--metadata` leaves behind. */
export interface MetadataOption {
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Gives a command `--metadata`. */
export function addMetadataOption(command: Command): Command {
  return command.option(
    "-m, --metadata <key=value>",
    "only instances with this metadata; repeatable: all must match",
    collect,
  );
}

function collect(text: string, collected: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("Expected a key and a value: zone=b.");
  return { ...collected, [key]: value };
}
