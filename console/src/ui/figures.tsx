import type { ComponentChildren } from "preact";

/** Figures with their names, in a row: `["waiting", "40"]`. */
export function Figures({
  figures,
}: {
  readonly figures: readonly (readonly [name: string, value: ComponentChildren])[];
}) {
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
