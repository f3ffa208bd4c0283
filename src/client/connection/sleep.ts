import { onAbort } from "../../async/signals.ts";

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted: look at the signal to know which. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      release();
      resolve();
    };
    const timer = setTimeout(end, ms);
    let release: () => void = () => undefined;
    release = onAbort(signal, end);
  });
}

/** Resolves when the promise is fulfilled or `ms` milliseconds are over, whichever comes first. The promise must not reject. */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, sleep(ms, over.signal)]);
  over.abort();
}
