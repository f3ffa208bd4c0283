const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a span as the command takes it: `10m`, `1h30m`, `250ms`. `null`: it is none. In milliseconds. */
export function parseSpan(text: string): number | null {
  const trimmed = text.trim();
  if (!/^(\d+(ms|s|m|h|d))+$/.test(trimmed)) return null;
  let totalMs = 0;
  for (const [, digits = "", unit = ""] of trimmed.matchAll(/(\d+)(ms|[smhd])/g))
    totalMs += Number(digits) * (unitMs[unit] ?? 0);
  return totalMs;
}
