/** Where a command reads from. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Where a command writes to. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** All that a command has of the process that runs it. */
export interface Shell {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether standard output shows colours: it is a terminal, and NO_COLOR is not set. */
  readonly colours: boolean;
  /** How many characters fit on a line of standard output; `null`: it is no terminal. */
  readonly columns: number | null;
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
    // A terminal of unknown size says 0.
    columns: stdout.isTTY === true ? stdout.columns || null : null,
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

/** Runs `action` with a signal that is aborted at the first interrupt, and releases the interrupts when it ends. */
export async function interruptible<T>(shell: Shell, action: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const release = shell.onInterrupt(() => controller.abort());
  try {
    return await action(controller.signal);
  } finally {
    release();
  }
}
