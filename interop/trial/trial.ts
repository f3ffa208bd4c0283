import { randomUUID } from "node:crypto";
import { createRegistration, type Registration } from "sitq/client";
import { type Backend, startBackend } from "./backend.ts";
import type { Outcome } from "./program.ts";
import type { Scene } from "./scene.ts";

/** A client did not do what it should. */
export class Miss extends Error {}

/** It did, but late. */
export class Late extends Miss {}

/** What an instance is registered with. */
export interface InstanceFacts {
  readonly weight?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** How calls are made. */
export interface CallOptions {
  /** Default 20. */
  readonly calls?: number;
  /** How many at a time. Default 2. */
  readonly concurrency?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The deadline of each call, in milliseconds: longer than anything that is waited for between two calls. */
export const deadlineMs = 5_000;
/** How soon a change has to have reached the client, in milliseconds. */
export const promptMs = 1_000;
/** How long a client is waited for to connect again, in milliseconds: above the longest pause that the libraries make between two tries in this time. */
export const reconnectMs = 30_000;
/** How long a program may take to start and make a call, in milliseconds. */
const warmUpMs = 20_000;
/** The pause between two batches of calls, in milliseconds. */
const pauseMs = 10;

/** An instance that runs and is registered. */
export class Instance {
  readonly id: string;
  readonly backend: Backend;
  readonly #register: () => Registration;
  #registration: Registration;

  constructor(id: string, backend: Backend, register: () => Registration) {
    this.id = id;
    this.backend = backend;
    this.#register = register;
    this.#registration = register();
  }

  /** Registers it, and resolves when the server has answered. */
  async enter(): Promise<void> {
    if (this.#registration.state === "stopped") this.#registration = this.#register();
    await this.#registration.start();
  }

  /** Deregisters it, and resolves when the server has answered. It goes on answering calls. */
  async leave(): Promise<void> {
    await this.#registration.stop();
  }
}

/** One behaviour that is tried with one client: instances of a service of its own, and calls to it. */
export class Trial {
  readonly scene: Scene;
  /** The service, which no other trial has. */
  readonly service = `service-${randomUUID().slice(0, 8)}`;
  readonly #instances: Instance[] = [];
  readonly #backends: Backend[] = [];
  readonly #say: (text: string) => void;

  /** @param say notes something that was measured */
  constructor(scene: Scene, say: (text: string) => void) {
    this.scene = scene;
    this.#say = say;
  }

  /** Notes something that was measured. */
  say(text: string): void {
    this.#say(text);
  }

  /** Starts and registers an instance, which is kept registered. */
  async start(id: string, facts: InstanceFacts = {}): Promise<Instance> {
    const backend = await this.backend(id);
    const { client } = this.scene;
    const { address } = backend;
    const options = { ...facts, service: this.service, instanceId: id, address, log: "silent" } as const;
    const instance = new Instance(id, backend, () => createRegistration(client, options));
    this.#instances.push(instance);
    await instance.enter();
    return instance;
  }

  /** Waits until the client's program runs, and has made its first calls. What comes of them does not matter. */
  async warmUp(): Promise<void> {
    await this.start("a");
    const target = `xds:///${this.service}`;
    const slow = { calls: 50, concurrency: 10, deadline_ms: warmUpMs, headers: {} };
    await this.scene.program.ask({ target, ...slow });
  }

  /** Starts an instance that is not registered. */
  async backend(id: string): Promise<Backend> {
    const backend = await startBackend(id);
    this.#backends.push(backend);
    return backend;
  }

  /** Has the client make calls. */
  call({ calls = 20, concurrency = 2, headers = {} }: CallOptions = {}): Promise<Outcome> {
    const target = `xds:///${this.service}`;
    return this.scene.program.ask({ target, calls, concurrency, deadline_ms: deadlineMs, headers });
  }

  /** The same, of which none may fail. @throws Miss if one does */
  async callWell(options: CallOptions = {}): Promise<Outcome> {
    const outcome = await this.call(options);
    this.expect(failed(outcome) === 0, failuresOf(outcome));
    return outcome;
  }

  /**
   * Has the client go on calling, by batches, until one is as it should be. Resolves with how long that took, in milliseconds.
   *
   * @param what names it in the complaint
   * @param mayFail how many calls may fail on the way. Default: none
   * @throws Miss if it is not so in time
   */
  async callUntil(
    isSo: (outcome: Outcome) => boolean,
    what: string,
    { withinMs = promptMs, mayFail = 0 }: { readonly withinMs?: number; readonly mayFail?: number } = {},
  ): Promise<number> {
    const beganMs = performance.now();
    let failures = 0;
    for (;;) {
      const outcome = await this.call();
      const tookMs = Math.round(performance.now() - beganMs);
      failures += failed(outcome);
      this.expect(failures <= mayFail, `${failuresOf(outcome)}, before ${what}`);
      if (isSo(outcome)) {
        if (tookMs > withinMs) throw new Late(`${what} only after ${tookMs} ms`);
        return tookMs;
      }
      // Some seconds more, to tell late from never.
      this.expect(tookMs <= withinMs + 5_000, `it is not so that ${what}: ${answersOf(outcome)}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Asks again and again whether something is so. @throws Error if it is not within some seconds */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const untilMs = performance.now() + 10_000;
    while (!(await isSo())) {
      if (performance.now() > untilMs) throw new Error(`it did not happen that ${what}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Has the client call until each of some instances has answered, and no other: then it is connected to all of them. */
  async callUntilAll(...ids: readonly string[]): Promise<void> {
    const names = ids.toSorted().join();
    const isSo = (outcome: Outcome) => answerers(outcome).join() === names;
    await this.callUntil(isSo, `${names} get calls`, { withinMs: reconnectMs });
  }

  /** @throws Miss with the complaint if it is not so */
  expect(isSo: boolean, complaint: string): void {
    if (!isSo) throw new Miss(complaint);
  }

  /** Deregisters and ends its instances. */
  async end(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.leave()));
    for (const backend of this.#backends) backend.kill();
  }
}

/** How many calls failed. */
export function failed({ failures }: Outcome): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

/** Which instances answered. */
export function answerers({ answers }: Outcome): readonly string[] {
  return Object.keys(answers).toSorted();
}

/** Who answered how often, for people. */
export function answersOf({ answers, failures }: Outcome): string {
  const counts = Object.entries({ ...answers, ...failures }).map(([name, count]) => `${name} ${count}`);
  return counts.length === 0 ? "no calls" : counts.join(", ");
}

function failuresOf(outcome: Outcome): string {
  return `${failed(outcome)} calls failed: ${answersOf(outcome)} (${outcome.messages.join("; ")})`;
}
