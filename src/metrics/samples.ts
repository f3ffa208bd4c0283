import type { HistogramReading } from "../collections/histogram.ts";
import type { Metric } from "./names.ts";

/** The labels of a sample. Their order is that in which they are written. */
export type Labels = Readonly<Record<string, string>>;

/** One line of a metric, as prom-client takes it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Where it differs from that of the metric: `NAME_bucket`. */
  readonly metricName?: string;
}

/** The samples of one scrape. */
export class Samples {
  readonly #byName = new Map<string, Sample[]>();

  /** The samples of a metric. */
  of({ name }: Metric): readonly Sample[] {
    return this.#byName.get(name) ?? [];
  }

  /** Adds a sample. */
  add(metric: Metric, value: number, labels: Labels = {}): void {
    this.#listOf(metric).push({ labels, value });
  }

  /** Adds a sample for each entry, under a label. */
  addEach(metric: Metric, label: string, values: Readonly<Record<string, number>>, labels: Labels = {}): void {
    for (const [name, value] of Object.entries(values)) this.add(metric, value, { ...labels, [label]: name });
  }

  /** Adds a histogram: its buckets, each with those below it, its sum and its count. */
  addHistogram(metric: Metric, { bounds, counts, sum }: HistogramReading, labels: Labels = {}): void {
    const list = this.#listOf(metric);
    let count = 0;
    for (const [range, n] of counts.entries()) {
      count += n;
      list.push({
        labels: { ...labels, le: bounds[range] ?? "+Inf" },
        value: count,
        metricName: `${metric.name}_bucket`,
      });
    }
    list.push({ labels, value: sum, metricName: `${metric.name}_sum` });
    list.push({ labels, value: count, metricName: `${metric.name}_count` });
  }

  #listOf({ name }: Metric): Sample[] {
    const list = this.#byName.get(name) ?? [];
    this.#byName.set(name, list);
    return list;
  }
}
