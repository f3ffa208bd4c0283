/** Steps of time as a line of bars. */
export function Sparkline({ steps, label }: { readonly steps: readonly number[]; readonly label: string }) {
  const most = Math.max(...steps, 1);
  const total = steps.reduce((sum, n) => sum + n, 0);
  const path = steps
    .map((n, at) => (n === 0 ? "" : `M${at * 2} 20v${-Math.max(1, Math.round((n / most) * 20))}`))
    .join("");
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={`${label}: ${total} in five minutes`}
      viewBox="-1 0 120 20"
      preserveAspectRatio="none"
    >
      <path d={path} />
    </svg>
  );
}
