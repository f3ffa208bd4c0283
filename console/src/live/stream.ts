import { failureOf, retryAfterMs } from "../rpc/errors.ts";

/** How a stream stands. */
export type StreamState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** It broke, and is opened again. What is shown is as of then. */
  | { readonly kind: "broken"; readonly sinceMs: number; readonly message: string }
  /** It will not be opened again: the server refuses it. */
  | { readonly kind: "refused"; readonly message: string; readonly needsSignIn: boolean }
  /** The page is hidden: a browser has only a few connections to a server, and the pages in front need them. */
  | { readonly kind: "asleep" }
  /** It told all that there is to tell. */
  | { readonly kind: "over" };

/** What a stream is opened by and what it tells. */
export interface StreamOptions<Message> {
  /** Opens it. It ends when the signal is aborted. */
  open(signal: AbortSignal): AsyncIterable<Message>;
  onMessage(message: Message): void;
  onState(state: StreamState): void;
  /** Whether it told all when the server ends it, and is not opened again. Default: it never does. */
  isOver?(): boolean;
  /** After so long without a message it is opened anew: it may be dead, and nothing would say so. Default: it may be silent. */
  readonly longestSilenceMs?: number;
}

const firstWaitMs = 500;
const mostWaitMs = 10_000;
/** How long the first message may take, which each stream of the contract begins with. */
const firstMessageMs = 15_000;

const noAnswer = new Error("the server does not answer");
const silent = new Error("the stream is silent");
/** What opens each stream of the page anew. */
const openStreams = new Set<AbortController>();

/**
 * Keeps a server stream open as long as the page is visible, and opens it again where it breaks.
 *
 * @returns ends it
 */
export function followStream<Message>(options: StreamOptions<Message>): () => void {
  const ended = new AbortController();
  let current: AbortController | null = null;
  let wake: (() => void) | null = null;

  function onVisibility(): void {
    if (document.hidden) current?.abort();
    else wake?.();
  }

  async function run(): Promise<void> {
    let waitMs = firstWaitMs;
    /** Since when it is broken; `null`: it is not. It stays so while it is opened again. */
    let brokenMs: number | null = null;
    /** When it was known to live. */
    let heardMs = Date.now();
    while (!ended.signal.aborted) {
      if (document.hidden) {
        options.onState({ kind: "asleep" });
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
        continue;
      }
      if (brokenMs === null) options.onState({ kind: "connecting" });
      const opened = new AbortController();
      current = opened;
      openStreams.add(opened);
      let failure: unknown = new Error("the server ended the stream");
      let timer = setTimeout(() => opened.abort(noAnswer), firstMessageMs);
      try {
        for await (const message of options.open(AbortSignal.any([opened.signal, ended.signal]))) {
          clearTimeout(timer);
          if (options.longestSilenceMs !== undefined)
            timer = setTimeout(() => opened.abort(silent), options.longestSilenceMs);
          waitMs = firstWaitMs;
          brokenMs = null;
          heardMs = Date.now();
          options.onMessage(message);
          options.onState({ kind: "live" });
        }
        if (options.isOver?.() === true) return options.onState({ kind: "over" });
      } catch (error) {
        failure = error;
      } finally {
        clearTimeout(timer);
        openStreams.delete(opened);
      }
      current = null;
      if (ended.signal.aborted) return;
      if (opened.signal.reason === noAnswer) {
        failure = noAnswer;
        brokenMs ??= heardMs;
        // What has swallowed this one has swallowed the others as well, and they may be silent.
        for (const other of openStreams) other.abort(silent);
      } else if (opened.signal.aborted) continue;
      const { message, needsSignIn, isPassing } = failureOf(failure);
      if (!isPassing) {
        options.onState({ kind: "refused", message, needsSignIn });
        return;
      }
      brokenMs ??= Date.now();
      options.onState({ kind: "broken", sinceMs: brokenMs, message });
      const pause = Math.max(waitMs, retryAfterMs(failure) ?? 0);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
      waitMs = Math.min(waitMs * 2, mostWaitMs);
    }
  }

  document.addEventListener("visibilitychange", onVisibility);
  void run();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    ended.abort();
    wake?.();
  };
}
