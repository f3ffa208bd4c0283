/** Where a command reads from. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Where a command writes to. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** All that a command has of the process that runs it. */
export interface Shell {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether standard output shows colours: it is a terminal, and nobody set NO_COLOR. */
  readonly colours: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Calls the listener at each SIGINT and SIGTERM, which then do not end the process any more.
   *
   * @returns a function that lets go of the signals
   */
  onInterrupt(listener: () => void): () => void;
}

/** The shell of this process. */
export function processShell(): Shell {
  const { stdin, stdout, stderr } = process;
  return {
    stdin,
    stdout,
    stderr,
    colours: stdout.isTTY === true && stdout.hasColors(),
    environment: process.env,
    onInterrupt(listener) {
      const signals = ["SIGINT", "SIGTERM"] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
  };
}

/** A signal that is aborted at the first interrupt. `using` lets go of it at the end of the block. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Turns interrupts into an abort signal. */
export function interruption(shell: Shell): Interruption {
  const controller = new AbortController();
  const release = shell.onInterrupt(() => controller.abort());
  return { signal: controller.signal, [Symbol.dispose]: release };
}
