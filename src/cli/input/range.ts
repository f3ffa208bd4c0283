import { InvalidArgumentError } from "commander";

/** Whole numbers, both ends included; an end that is not set is open. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
}

const pattern = /^(?:(-?\d{1,9})|(-?\d{1,9})?\.\.(-?\d{1,9})?)$/;

/** Reads one number or a range: `3`, `3..`, `..5`, `-2..2`. */
export function parseRange(text: string): Range {
  const [, one, from, to] = pattern.exec(text) ?? [];
  const [least, most] = one === undefined ? [from, to] : [one, one];
  if (least === undefined && most === undefined) {
    throw new InvalidArgumentError("Expected a whole number or a range: 3, 3.., ..5, 3..5.");
  }
  if (least !== undefined && most !== undefined && Number(least) > Number(most)) {
    throw new InvalidArgumentError("The range ends before it begins.");
  }
  return { ...(least !== undefined && { least: Number(least) }), ...(most !== undefined && { most: Number(most) }) };
}

/** A range in words: `3`, `3 or more`, `5 or less`, `3 to 5`. */
export function rangeInWords({ least, most }: Range): string {
  if (least === undefined) return `${most} or less`;
  if (most === undefined) return `${least} or more`;
  return least === most ? `${least}` : `${least} to ${most}`;
}
