import { type CelFunc, CelScalar, celFunc } from "@bufbuild/cel";

const { DOUBLE, INT } = CelScalar;

type Arithmetic = (a: number, b: number) => number;

const operations: Readonly<Record<string, Arithmetic>> = {
  "_+_": (a, b) => a + b,
  "_-_": (a, b) => a - b,
  "_*_": (a, b) => a * b,
  "_/_": (a, b) => a / b,
  "_%_": (a, b) => a % b,
};

/** Whole numbers of an expression beside the doubles that JSON has: `input.total * 2`. CEL itself wants one type on both sides. */
export const arithmetic: readonly CelFunc[] = [
  ...Object.entries(operations).flatMap(([name, of]) => [
    celFunc(name, [DOUBLE, INT], DOUBLE, (a, b) => of(a, Number(b))),
    celFunc(name, [INT, DOUBLE], DOUBLE, (a, b) => of(Number(a), b)),
  ]),
  celFunc("_%_", [DOUBLE, DOUBLE], DOUBLE, (a, b) => a % b),
];
