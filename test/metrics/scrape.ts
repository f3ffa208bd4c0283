import type { TestServer } from "../harness/server.ts";

/** What a server said at `/metrics`. */
export interface Scrape {
  readonly text: string;
  /** The names of all metrics. */
  readonly names: readonly string[];
  /** The value of a series, as it stands in the text: `sitq_queue_tasks{queue="orders",state="pending"}`; `undefined`: there is none. */
  value(series: string): number | undefined;
  /** The values of a label in the series of a name. */
  labelValues(name: string, label: string): string[];
}

const seriesLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)$/;

/** prom-client writes `Nan` for what is not known yet. */
const numberForm = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|Nan)$/;

/** Reads `/metrics`. @throws Error if a line is not as the format wants it, or a series is there twice */
export async function scrape(
  { address }: Pick<TestServer, "address">,
  headers: Readonly<Record<string, string>> = {},
): Promise<Scrape> {
  const response = await fetch(`http://${address}/metrics`, { headers });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return readScrape(await response.text());
}

/** Reads text in Prometheus' format; see `scrape`. */
export function readScrape(text: string): Scrape {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("# ")) continue;
    const [, series = "", value = ""] = seriesLine.exec(line) ?? [];
    if (series === "" || values.has(series) || !numberForm.test(value)) {
      throw new Error(`not a series, or one that is there twice: ${line}`);
    }
    values.set(series, Number(value));
  }
  return {
    text,
    names: [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] ?? ""),
    value: (series) => values.get(series),
    labelValues(name, label) {
      const series = [...values.keys()].filter((each) => each.startsWith(`${name}{`));
      return [...new Set(series.flatMap((each) => new RegExp(`[{,]${label}="([^"]*)"`).exec(each)?.[1] ?? []))];
    },
  };
}
