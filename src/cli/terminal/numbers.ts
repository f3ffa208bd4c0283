/** A number with its thousands apart: `12,345`. */
export function grouped(value: number | bigint): string {
  return value.toLocaleString("en");
}

/** A number with its noun: `1 task`, `1,200 tasks`. */
export function counted(value: number | bigint, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 || value === 1n ? "" : "s"}`;
}

/** A rate with its unit: `1,200/s`, `12.5/s`, `0.02/s`. */
export function perSecond(rate: number): string {
  return `${rateText(rate)}/s`;
}

/** A rate where its unit stands elsewhere: `1,200`, `12.5`, `0.02`. */
export function rateText(rate: number): string {
  const digits = rate >= 100 || rate === 0 ? 0 : rate >= 1 ? 1 : 2;
  return rate.toLocaleString("en", { maximumFractionDigits: digits });
}

/** An amount of memory: `512 B`, `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1_024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
