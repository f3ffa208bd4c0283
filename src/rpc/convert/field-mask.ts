import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { refuseField } from "./violations.ts";

/** A field that an update can change. */
export interface ChangeableField<Message, Value> {
  /** Its name in the contract. */
  readonly path: string;
  isSet(message: Message): boolean;
  /** Its value; of one that is not set, its default. @throws SitqError with the field's path */
  read(message: Message): Value;
}

/** The fields that an update can change, by their names in the domain. */
export type ChangeableFields<Message, Changes> = {
  readonly [Name in keyof Changes]: ChangeableField<Message, Changes[Name]>;
};

/**
 * The changes that an update asks for (AIP-134): those that the mask names, or without one those that are set.
 *
 * @param others what the refusal of another path says of the other fields
 * @throws SitqError with the field's path
 */
export function changesOf<Message, Changes extends object>(
  message: Message,
  mask: FieldMask | undefined,
  fields: ChangeableFields<Message, Changes>,
  others = "",
): Partial<Changes> {
  const paths = mask?.paths ?? [];
  const isWhole = paths.includes("*");
  if (!isWhole) refuseOthers(paths, Object.values<ChangeableField<Message, unknown>>(fields), others);
  const changes: Partial<Changes> = {};
  for (const name in fields) {
    const field = fields[name];
    const isMeant = paths.length === 0 ? field.isSet(message) : isWhole || paths.includes(field.path);
    if (isMeant) changes[name] = field.read(message);
  }
  return changes;
}

function refuseOthers(paths: readonly string[], fields: readonly { readonly path: string }[], others: string): void {
  const known = fields.map(({ path }) => path);
  for (const [index, path] of paths.entries()) {
    if (known.includes(path)) continue;
    refuseField(`update_mask.paths[${index}]`, `is not one of: ${known.join(", ")}${others}`, path);
  }
}
