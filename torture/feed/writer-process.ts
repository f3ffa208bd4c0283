import { fork } from "node:child_process";
import { join } from "node:path";
import type { Stored, WriterCommand, WriterOrder } from "./feed-writer.ts";
import { laneSizes } from "./lanes.ts";

/** A writer that is killed now and then, and started again: its processes one after the other. */
export class WriterProcess {
  readonly source: string;
  /** By lane: how many events are known to be stored. */
  readonly stored: number[] = laneSizes.map(() => 0);
  private readonly url: string;
  private process: ReturnType<typeof fork>;
  private exited: Promise<string | number | null>;
  private command: WriterCommand = "go on";

  /** Starts the first process. @param url the database */
  constructor(url: string, source: string) {
    this.url = url;
    this.source = source;
    [this.process, this.exited] = this.start();
  }

  /** How many events are known to be stored. */
  get count(): number {
    return this.stored.reduce((sum, each) => sum + each, 0);
  }

  /** Says whether it is to go on; once it is to stop, that remains. */
  tell(command: WriterCommand): void {
    if (command === this.command || this.command === "stop") return;
    this.command = command;
    this.send();
  }

  /** Kills its process, whatever it does, and starts another one, which publishes again what is not known to be stored. @throws if it had ended */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    const end = await this.exited;
    if (end !== "SIGKILL") throw new Error(`the writer ${this.source} ended with ${end}`);
    [this.process, this.exited] = this.start();
    this.send();
  }

  /** Resolves when all that it has begun is stored. @throws if it ends otherwise */
  async stop(): Promise<void> {
    this.tell("stop");
    const end = await this.exited;
    if (end !== 0) throw new Error(`the writer ${this.source} ended with ${end}`);
  }

  /** Ends it, whatever it does. */
  async abandon(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.exited;
  }

  private send(): void {
    // One that has ended is noticed by its exit.
    this.process.send(this.command, () => undefined);
  }

  private start(): [ReturnType<typeof fork>, Promise<string | number | null>] {
    const order: WriterOrder = { url: this.url, source: this.source, next: this.stored };
    const child = fork(join(import.meta.dirname, "feed-writer.ts"), [JSON.stringify(order)]);
    child.on("message", ({ lane, next }: Stored) => {
      this.stored[lane] = next;
    });
    // Not before all that it said has come.
    return [child, new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)))];
  }
}
