import type { ComponentChildren } from "preact";

/** A name and what there is to say of it; `null`: nothing, and it is left out. */
export type Fact = readonly [name: string, value: ComponentChildren | null];

/** Names with what there is to say of each. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
