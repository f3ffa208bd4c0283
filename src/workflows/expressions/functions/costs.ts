import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import type { CostMeter } from "../cost-meter.ts";

/** Charges a call for what it will look at and make, before it does. */
type Cost = (meter: CostMeter, args: readonly CelValue[]) => void;

/** Steps of a search, or of the states of a pattern, that take as long as looking at one value. */
const searchStepsPerUnit = 512;
const patternStepsPerUnit = 2;
/** Characters that take as long as one value where each is looked at by itself. */
const singleCharactersPerUnit = 8;
/** What any call costs, and what one costs beside that whose answer is an error. */
const callCost = 3;
export const errorCost = 5;
/** What these cost, whatever they look at. */
const zoneCost = 10;
const clauseCost = 20;
const durationCost = 5;

/** A text whose characters are counted, which takes longer if some of them are two to JavaScript. */
const counted: Cost = (meter, [text]) => {
  meter.chargeLength(lengthOf(text));
  if (typeof text === "string" && /[\ud800-\udfff]/.test(text)) meter.charge(text.length / singleCharactersPerUnit);
};

const characterwise: Cost = (meter, args) => {
  for (const each of args) meter.charge(lengthOf(each) / singleCharactersPerUnit);
};

/** The search for a text in another takes their product at worst: `'aaa…aba…aaa'` in `'aaa…'`. */
const search: Cost = (meter, args) => {
  const [most, least] = [lengthOf(args[0]), lengthOf(args[1])];
  counted(meter, args);
  if (least <= most) meter.charge((most * least) / searchStepsPerUnit);
};

const nothing: Cost = () => undefined;

const whole: Cost = (meter, args) => {
  for (const each of args) meter.chargeValue(each);
};

/** What two values can be compared by: nothing, if they differ in kind or size already. */
const comparison: Cost = (meter, [left, right]) => {
  if (isCelList(left) && !(isCelList(right) && left.size === right.size)) return meter.charge(1);
  if (isCelMap(left) && !(isCelMap(right) && left.size === right.size)) return meter.charge(1);
  if (left !== undefined) meter.chargeValue(left);
};

/** A number is looked for among all keys of a map; texts are found at once. */
const lookUp: Cost = (meter, [items, key]) => {
  const isSearched = isCelMap(items) && typeof key !== "string" && typeof key !== "boolean";
  meter.charge(isSearched ? 1 + items.size : 1);
};

/** By function, the target first among the arguments; those that are not here look at their arguments whole. */
const costs: Readonly<Record<string, Cost>> = {
  "_==_": comparison,
  "_!=_": comparison,
  "@in": (meter, [key, items]) =>
    isCelMap(items) ? lookUp(meter, [items, key ?? null]) : whole(meter, [items ?? null]),
  "@index": lookUp,
  "@has": nothing,
  "@round": (meter, [parts]) => meter.charge(Number(parts)),
  "@items": (meter, [items]) => meter.charge(isCelList(items) || isCelMap(items) ? items.size : 0),
  "@append": nothing,
  "_+_": (meter, args) => {
    for (const each of args) meter.charge(isCelList(each) ? 1 + each.size : 1 + sizeOf(each) / 64);
  },
  dyn: nothing,
  type: nothing,
  size: characterwise,
  charAt: counted,
  substring: counted,
  lowerAscii: characterwise,
  upperAscii: characterwise,
  trim: characterwise,
  "strings.quote": characterwise,
  contains: search,
  indexOf: search,
  lastIndexOf: search,
  split: (meter, args) => {
    search(meter, args);
    // Each piece is a value of the list; without a separator each character is one.
    const [text, separator] = args;
    meter.charge(lengthOf(text) / Math.max(lengthOf(separator), 1));
  },
  replace: (meter, args) => {
    search(meter, args);
    const [text, part, by] = args;
    if (typeof text !== "string" || typeof part !== "string") return;
    const times = part === "" ? text.length + 1 : text.split(part).length - 1;
    meter.charge(times);
    meter.chargeLength(times * lengthOf(by));
  },
  join: (meter, [list, separator]) => {
    if (!isCelList(list)) return meter.charge(1);
    meter.chargeLength(list.size * lengthOf(separator));
    meter.chargeValue(list);
  },
  matches: (meter, [text, pattern]) => {
    // The tables of Unicode are built at their first use, which takes a tenth of a second once.
    if (meter.isLight && typeof pattern === "string" && /\\[pP]|\(\?\w*i/.test(pattern))
      meter.charge(Number.POSITIVE_INFINITY);
    meter.charge(1 + ((lengthOf(text) + 16) * statesOf(pattern)) / patternStepsPerUnit);
  },
  format: (meter, args) => {
    characterwise(meter, args.slice(0, 1));
    const [, values] = args;
    if (isCelList(values)) meter.charge(values.size * clauseCost);
    if (values !== undefined) meter.chargeValue(values);
  },
  duration: (meter) => meter.charge(durationCost),
  ...Object.fromEntries(
    [
      "getFullYear",
      "getMonth",
      "getDate",
      "getDayOfMonth",
      "getDayOfWeek",
      "getDayOfYear",
      "getHours",
      "getMinutes",
      "getSeconds",
      "getMilliseconds",
    ].map((name): [string, Cost] => [name, (meter, { length }) => meter.charge(length > 1 ? zoneCost : 0)]),
  ),
};

/** Charges a call of a function. */
export function chargeCall(meter: CostMeter, name: string, args: readonly CelValue[]): void {
  meter.charge(callCost);
  const cost = Object.hasOwn(costs, name) ? costs[name] : undefined;
  (cost ?? whole)(meter, args);
}

/** The states of the machine that a pattern is: repeats are written out, `a{100}` has a hundred. */
function statesOf(pattern: CelValue | undefined): number {
  if (typeof pattern !== "string") return 1;
  const repeats = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) => Number(most || least));
  return pattern.length * (1 + repeats.reduce((sum, each) => sum + each, 0));
}

function lengthOf(value: CelValue | undefined): number {
  return typeof value === "string" ? value.length : 0;
}

function sizeOf(value: CelValue): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
}
