import { PayloadMismatchError } from "./errors.ts";

/** What was answered, as its definition reads it. @throws PayloadMismatchError that names whose result it is: `the task 0f3k (resize)` */
export function readResult<T>(whose: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PayloadMismatchError)) throw error;
    throw new PayloadMismatchError(`The result of ${whose} does not fit: ${error.message}`, { cause: error });
  }
}
