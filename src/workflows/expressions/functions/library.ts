import { type CelValue, celEnv, isCelError } from "@bufbuild/cel";

const library = celEnv().funcs;

/** Calls a function of the library itself. */
export function libraryCall(name: string, target: CelValue | undefined, args: CelValue[]): CelValue {
  const answer = library.find(name)?.call(0, target, args);
  if (answer === undefined) throw new Error(`${name}() does not take these values`);
  if (isCelError(answer)) throw answer;
  return answer;
}
