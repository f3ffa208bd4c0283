import { join } from "node:path";
import type { Durability, Peer } from "../peer.ts";
import type { LoadAnswer, LoadOrder } from "./load-process.ts";
import type { ProcessScope, ScopedProcess } from "./process-scope.ts";

/** A process that produces or works, seen from its parent. */
export class Load {
  readonly #process: ScopedProcess;

  private constructor(process: ScopedProcess) {
    this.#process = process;
  }

  /** Starts one and connects it to the server of a system. */
  static async start(scope: ProcessScope, { name }: Peer, { setting }: Durability, address: string): Promise<Load> {
    const load = new Load(scope.fork(join(import.meta.dirname, "load-process.ts")));
    await load.ask({ kind: "connect", peer: name, address, setting });
    return load;
  }

  /** Asks it for one thing; rejects if that fails or the process ends. */
  async ask(order: LoadOrder): Promise<{ readonly tasks: number; readonly ms: number }> {
    const { child, exited } = this.#process;
    const answer = await Promise.race([
      new Promise<LoadAnswer>((resolve) => {
        child.once("message", (message: LoadAnswer) => resolve(message));
        if (child.connected) child.send(order);
      }),
      exited.then((): LoadAnswer => ({ error: `the process ended: ${this.#process.output}` })),
    ]);
    if (answer.error !== undefined) throw new Error(answer.error);
    const { tasks = Number.NaN, ms = Number.NaN } = answer;
    return { tasks, ms };
  }
}
