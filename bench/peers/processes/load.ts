import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Durability, Peer } from "../peer.ts";
import { textPayload } from "../text-payload.ts";
import type { LoadAnswer, LoadOrder } from "./load-process.ts";
import type { ProcessScope, ScopedProcess } from "./process-scope.ts";

/** Gives an order to a process, and calls back with the answer. */
type Give = (order: LoadOrder, onAnswer: (answer: LoadAnswer) => void) => void;

/** A process that produces or works, seen from its parent. */
export class Load {
  readonly #process: ScopedProcess;
  readonly #give: Give;

  private constructor(process: ScopedProcess, give: Give) {
    this.#process = process;
    this.#give = give;
  }

  /** Starts one and connects it to the server of a system. */
  static async start(scope: ProcessScope, peer: Peer, { setting }: Durability, address: string): Promise<Load> {
    const { name, program } = peer;
    const load = program === undefined ? forked(scope) : spawned(scope, program.path);
    await load.ask({ kind: "connect", peer: name, address, setting, text: textPayload });
    return load;

    function forked(within: ProcessScope): Load {
      const process = within.fork(join(import.meta.dirname, "load-process.ts"));
      const { child } = process;
      return new Load(process, (order, onAnswer) => {
        child.once("message", onAnswer);
        if (child.connected) child.send(order);
      });
    }

    function spawned(within: ProcessScope, path: string): Load {
      const process = within.start(path, { hasInput: true });
      const { stdin, stdout } = process.child;
      if (stdin === null || stdout === null) throw new Error(`${path} has no input or output`);
      // Where it has ended, its end is the answer.
      stdin.on("error", () => undefined);
      const lines = createInterface({ input: stdout });
      return new Load(process, (order, onAnswer) => {
        lines.once("line", (line) => onAnswer(JSON.parse(line)));
        stdin.write(`${JSON.stringify(order)}\n`);
      });
    }
  }

  /** Asks it for one thing; rejects if that fails or the process ends. */
  async ask(order: LoadOrder): Promise<{ readonly tasks: number; readonly ms: number }> {
    const { exited } = this.#process;
    const answer = await Promise.race([
      new Promise<LoadAnswer>((resolve) => this.#give(order, resolve)),
      exited.then((): LoadAnswer => ({ error: `the process ended: ${this.#process.output}` })),
    ]);
    if (answer.error !== undefined) throw new Error(answer.error);
    const { tasks = Number.NaN, ms = Number.NaN } = answer;
    return { tasks, ms };
  }
}
