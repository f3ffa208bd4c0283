import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createCondition } from "../../test/harness/condition.ts";
import { startProxy, type Proxy as TcpProxy } from "../../test/harness/proxy.ts";
import { createTempDir, type TempDir } from "../../test/harness/temp-dir.ts";
import { ScriptedServer, type ScriptedServerOptions } from "../script/scripted-server.ts";
import { queueName } from "../script/task.ts";
import { Program } from "./program.ts";
import type { RealServer } from "./real-server.ts";
import { Broken } from "./rule.ts";
import { Transcript } from "./transcript.ts";

/** The capacity of a worker that a rule does not choose. */
const defaultCapacity = 2;
/** How long a program may take to start, in milliseconds, on a machine that has much else to do. */
const startMs = 45_000;

/** What each process that waits for a core adds to how long something may take, in milliseconds, and the most that they add. */
const perWaitingMs = 1_000;
const mostWaitingMs = 30_000;

/** What a trial stands on. */
export interface TrialOptions {
  /** The command of the program. */
  readonly command: readonly string[];
  /** The real server, which is started when the first rule asks for it. */
  readonly real: () => Promise<RealServer>;
  /** How long what a rule does not bound may take, in milliseconds. */
  readonly patienceMs: number;
}

/** How long what a program did last may take to arrive once it has ended, in milliseconds. */
const lastWordsMs = 1_000;

/** How a worker is started. */
export interface WorkerArguments {
  readonly capacity?: number;
  readonly queue?: string;
  readonly workerId?: string;
  /** In seconds. */
  readonly grace?: number;
  readonly more?: readonly string[];
}

/** How a producer is started. */
export interface ProducerArguments {
  readonly count: number;
  readonly queue?: string;
  /** In seconds. */
  readonly deadline?: number;
  readonly more?: readonly string[];
}

/** A scripted server behind a proxy that can cut its connections. */
export interface Played {
  readonly server: ScriptedServer;
  readonly proxy: TcpProxy;
}

/** How much longer things take on a machine that is busy with other things, in milliseconds. */
function busyMs(): number {
  const [running = 0] = loadavg();
  return Math.min(mostWaitingMs, Math.max(0, running / availableParallelism() - 1) * perWaitingMs);
}

/** One try of one rule with one program: what it starts is stopped at its end. */
export class Trial {
  readonly transcript = new Transcript();
  readonly #options: TrialOptions;
  readonly #condition = createCondition();
  readonly #servers: ScriptedServer[] = [];
  readonly #programs: Program[] = [];
  readonly #cleanups: (() => Promise<unknown>)[] = [];

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  readonly #changed = (): void => this.#condition.changed();

  /** Starts a scripted server behind a proxy. */
  async play(options: Omit<ScriptedServerOptions, "transcript" | "changed"> = {}): Promise<Played> {
    const server = await this.playDirectly(options);
    const proxy = await this.proxy(server.address);
    return { server, proxy };
  }

  /** Starts a scripted server that nothing stands before. */
  async playDirectly(options: Omit<ScriptedServerOptions, "transcript" | "changed"> = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer({ ...options, transcript: this.transcript, changed: this.#changed });
    this.#servers.push(server);
    await server.start();
    return server;
  }

  /** Starts a proxy before a server. */
  async proxy(target: string): Promise<TcpProxy> {
    const proxy = await startProxy(target);
    this.#cleanups.push(() => proxy.stop());
    const { cut, freeze } = proxy;
    return Object.assign(proxy, {
      cut: () => {
        this.transcript.note("judge", "cuts every connection");
        cut();
      },
      freeze: () => {
        this.transcript.note("judge", "lets nothing more pass over the connections");
        freeze();
      },
    });
  }

  /** Makes a directory for files. */
  async directory(): Promise<TempDir> {
    const dir = await createTempDir();
    this.#cleanups.push(() => dir.remove());
    return dir;
  }

  /** The real server, which the rules share. */
  real(): Promise<RealServer> {
    return this.#options.real();
  }

  /** Calls something at the end of the trial. */
  atEnd(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  /** Starts the program as a worker. */
  worker(address: string, options: WorkerArguments = {}): Program {
    const { capacity = defaultCapacity, queue = queueName, workerId, grace, more = [] } = options;
    const args = ["worker", "--address", address, "--queue", queue, "--capacity", String(capacity)];
    if (workerId !== undefined) args.push("--worker-id", workerId);
    if (grace !== undefined) args.push("--grace", String(grace));
    return this.#start([...args, ...more]);
  }

  /** Starts the program as a worker, and waits until it is welcome. */
  async connectedWorker(played: Played, options: WorkerArguments = {}): Promise<Program> {
    played.server.capacity = options.capacity ?? defaultCapacity;
    const program = this.worker(played.proxy.address, options);
    await this.hello(played.server);
    return program;
  }

  /** Resolves once a worker that was just started has said hello to a server. @throws Broken if it does not in time */
  async hello(server: ScriptedServer): Promise<void> {
    await this.until(() => server.streams.length > 0, "the worker said hello", startMs);
  }

  /** Starts the program as a producer. */
  producer(address: string, { count, queue = queueName, deadline, more = [] }: ProducerArguments): Program {
    const args = ["producer", "--address", address, "--queue", queue, "--count", String(count)];
    if (deadline !== undefined) args.push("--deadline", String(deadline));
    return this.#start([...args, ...more]);
  }

  /**
   * Resolves once it is so.
   *
   * @param what as in "before … ": `the worker said hello`
   * @throws Broken if it is not so in time, or not any more since the program has ended
   */
  async until(isSo: () => boolean, what: string, waitMs = this.#options.patienceMs): Promise<void> {
    const over = new AbortController();
    const late = sleep(waitMs + busyMs(), `${what}: not within ${waitMs} ms`, { signal: over.signal });
    const ended = Promise.all(this.#programs.map(({ exited }) => exited))
      .then(() => sleep(lastWordsMs, undefined, { signal: over.signal }))
      .then(() => `${what}: not before the program ended with ${this.#programs.map(({ end }) => end).join(", ")}`);
    for (const each of [late, ended]) each.catch(() => undefined);
    try {
      const met = this.#condition.until(isSo, what).then(() => null);
      const complaint = await Promise.race([met, late, ended]);
      if (complaint !== null) throw new Broken(complaint);
    } finally {
      over.abort();
    }
  }

  /** Waits, for what must not happen meanwhile. */
  async pass(ms: number): Promise<void> {
    await sleep(ms);
  }

  /** Waits for the end of a program, which may have been started just now. @throws Broken if it ends with another code */
  async ends(program: Program, code: number, waitMs = this.#options.patienceMs): Promise<void> {
    await this.until(() => program.end !== null, "the program ended", startMs + waitMs);
    this.expect(program.end === code, `the program ended with ${program.end}, not ${code}`);
  }

  /** @throws Broken */
  expect(isSo: boolean, text: string): void {
    if (!isSo) throw new Broken(text);
  }

  /** What is wrong whatever the rule is; `null`: nothing. */
  violation(): string | null {
    return this.#servers.flatMap(({ violations }) => violations)[0] ?? null;
  }

  /** The end of what the programs wrote to standard error. */
  get errors(): string {
    return this.#programs.map(({ errors }) => errors).join("");
  }

  /** Stops everything. */
  async stop(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    for (const server of this.#servers) server.stop();
  }

  #start(args: readonly string[]): Program {
    const { command } = this.#options;
    this.transcript.note("judge", `starts ${[...command, ...args].join(" ")}`);
    const program = new Program(command, args, this.transcript, this.#changed);
    this.#programs.push(program);
    return program;
  }
}
