import {
  type CelFunc,
  type CelInput,
  type CelList,
  CelScalar,
  type CelValue,
  celFunc,
  celList,
  isCelList,
  isCelMap,
  isCelUint,
  listType,
  mapType,
} from "@bufbuild/cel";
import { internalFunctions } from "../rewriting.ts";

const { BOOL, DOUBLE, DYN, INT, STRING, UINT } = CelScalar;
const anyList = listType(DYN);
const anyMap = mapType(DYN, DYN);

/** Where an index points to; `null`: it is no whole number. */
function position(index: CelValue): number | null {
  const number = Number(isCelUint(index) ? index.value : index);
  const isNumber = isCelUint(index) || typeof index === "bigint" || typeof index === "number";
  return isNumber && Number.isInteger(number) ? number : null;
}

function itemAt(items: CelValue, index: CelValue): CelValue {
  if (isCelList(items)) {
    const at = position(index);
    if (at === null) throw new Error("the index of a list is a whole number");
    const item = items.get(at);
    if (item === undefined) throw new Error(`index ${at} out of bounds [0, ${items.size})`);
    return item;
  }
  if (!isCelMap(items)) throw new Error("only lists and maps have an index");
  const isKey = isCelUint(index) || typeof index !== "object";
  const item = isKey ? items.get(index) : undefined;
  if (item === undefined) throw new Error(`no such key: ${isCelUint(index) ? index.value : String(index)}`);
  return item;
}

/** What the library has no, or other, answers to. */
export const collections: readonly CelFunc[] = [
  // Its own keeps both lists and walks through all that they were made of.
  celFunc("_+_", [anyList, anyList], anyList, (left, right) => celList([...left, ...right])),
  // To the library a key with null is absent: https://github.com/google/cel-spec/blob/v0.24.0/doc/langdef.md#field-selection
  ...[STRING, DOUBLE, INT, BOOL, UINT].map((type) =>
    celFunc("@in", [type, anyMap], BOOL, (key, map) => map.get(key) !== undefined),
  ),
];

const { items, append, round, index, has } = internalFunctions;
/** The lists of macros that grow, by what the library knows them by. */
const grown = new WeakMap<CelList, CelInput[]>();

/** The functions that the compiler puts into expressions. */
export const internals: readonly CelFunc[] = [
  celFunc(items, [DYN], DYN, (each) => each),
  celFunc(round, [INT, DYN], DYN, (_, condition) => condition),
  celFunc(index, [DYN, DYN], DYN, itemAt),
  celFunc(has, [DYN, STRING], BOOL, (value, name) => isCelMap(value) && value.get(name) !== undefined),
  // A macro's list is not shared while it grows.
  celFunc(append, [anyList, anyList], anyList, (list, more) => {
    const known = grown.get(list);
    if (known !== undefined) {
      known.push(...more);
      return list;
    }
    const fresh: CelInput[] = [...list, ...more];
    const begun = celList(fresh);
    grown.set(begun, fresh);
    return begun;
  }),
];
