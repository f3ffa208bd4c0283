import { Foreign } from "./foreign.tsx";

/** How many are shown before one opens the rest. */
const mostShown = 4;

/** Facts about something, each by its name: `zone b`. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <span class="muted">–</span>;
  const rest = entries.slice(mostShown);
  return (
    <>
      <List entries={entries.slice(0, mostShown)} />
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more</summary>
          <List entries={rest} />
        </details>
      )}
    </>
  );
}

function List({ entries }: { readonly entries: readonly (readonly [string, string])[] }) {
  return (
    <dl class="labels">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Foreign text={name} most={60} />
          </dt>
          <dd>
            <Foreign text={value} most={120} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
