import { type Metric as ClientMetric, Registry } from "prom-client";
import type { Clock } from "../domain/clock.ts";
import { errorReasons } from "../domain/errors.ts";
import type { Store } from "../store/store.ts";
import { type Metric, metrics } from "./names.ts";
import { processRegistry } from "./process-registry.ts";
import { Samples } from "./samples.ts";
import { addServerSamples, type ServerFacts } from "./server-samples.ts";
import { addAnswerSamples, addStoreSamples } from "./store-samples.ts";

/** What metrics are read from. */
export interface MetricsOptions {
  readonly store: Pick<Store, "measure" | "answerMeasures" | "engine">;
  readonly clock: Clock;
  readonly version: string;
  /** Reads what is counted of the server beside its store. */
  readonly readServer: () => Promise<ServerFacts>;
}

/** How long a scrape waits for the store, in milliseconds: Prometheus gives up after 10 s, and then has nothing at all. */
const storeWaitMs = 3_000;

/** How many samples are written in one turn of the event loop: of 100 queues all of them take 15 ms. */
const samplesInTurn = 500;

/** The metrics of a server, as text for Prometheus. Nothing is observed for it but what is counted; all else is read when it is asked for. */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  /** It counts from now on, so it is not made by the first scrape. */
  readonly #process = processRegistry();
  /** By reason. Those that there are begin with 0: a counter that only comes with its first event hides that from `increase()`. */
  readonly #refusals = new Map<string, number>([...errorReasons, "INTERNAL"].map((reason) => [reason, 0]));
  #samples = new Samples();
  #rendering: Promise<string> | null = null;

  constructor(options: MetricsOptions) {
    this.#options = options;
    for (const metric of Object.values<Metric>(metrics)) {
      // What the registry asks of a metric is its name and `get`; its type names the classes that prom-client has.
      this.#registry.registerMetric(this.#readable(metric) as unknown as ClientMetric);
    }
  }

  /** The media type of the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts a call that was refused. */
  refused(reason: string): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  /** Reads all metrics. Those who ask at the same time get the same. */
  render(): Promise<string> {
    this.#rendering ??= this.#render().finally(() => {
      this.#rendering = null;
    });
    return this.#rendering;
  }

  async #render(): Promise<string> {
    this.#samples = await this.#read();
    const texts: string[] = [];
    let samples = 0;
    for (const metric of Object.values<Metric>(metrics)) {
      texts.push(await this.#registry.getSingleMetricAsString(metric.name));
      samples += this.#samples.of(metric).length;
      if (samples < samplesInTurn) continue;
      samples = 0;
      await new Promise<void>((resolve) => this.#options.clock.afterIo(resolve));
    }
    return `${texts.join("\n\n")}\n\n${await this.#process.metrics()}`;
  }

  async #read(): Promise<Samples> {
    const { store, clock, version, readServer } = this.#options;
    const samples = new Samples();
    samples.add(metrics.buildInfo, 1, { version, node: process.version, store: store.engine });
    const nowMs = clock.now();
    const measures = await this.#measure(nowMs);
    samples.add(metrics.storeUp, measures === null ? 0 : 1);
    if (measures !== null) addStoreSamples(samples, measures, nowMs);
    const answers = store.answerMeasures();
    if (answers !== null) addAnswerSamples(samples, answers);
    addServerSamples(samples, await readServer(), measures?.queues.map(({ queue }) => queue) ?? []);
    for (const [reason, n] of this.#refusals) samples.add(metrics.callsRefused, n, { reason });
    return samples;
  }

  /** What the store has counted; `null`: it has failed, or hangs. */
  async #measure(nowMs: number) {
    const { store, clock } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const callOff = clock.after(storeWaitMs, () => resolve(null));
    const measured = store.measure(nowMs).catch(() => null);
    const measures = await Promise.race([measured, late]);
    callOff();
    return measures;
  }

  #readable(metric: Metric) {
    const { name, kind: type, help } = metric;
    return { name, get: async () => ({ name, help, type, aggregator: "sum", values: this.#samples.of(metric) }) };
  }
}
