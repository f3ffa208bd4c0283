/** What a button of an action is made of. */
export interface ActionButtonProps {
  readonly label: string;
  /** Which one, for screen readers, where several buttons have the same label: `worker web-3`. */
  readonly of?: string;
  /** Why it cannot be done, in one sentence; `null`: it can. */
  readonly why: string | null;
  readonly kind?: "primary" | "danger" | "quiet";
  onClick(): void;
}

/**
 * A button that does something. One that cannot be pressed can be reached by keys all the same, and says why: on hover and to screen
 * readers; a view says it once as text too, see `WhyNot`.
 */
export function ActionButton({ label, of, why, kind, onClick }: ActionButtonProps) {
  return (
    <button
      type="button"
      class={kind}
      aria-disabled={why !== null}
      aria-label={of === undefined ? undefined : `${label} ${of}`}
      aria-description={why ?? undefined}
      title={why ?? undefined}
      onClick={() => {
        if (why === null) onClick();
      }}
    >
      {label}
    </button>
  );
}

/** Says why what a view offers cannot be done. Nothing where it can. */
export function WhyNot({ why }: { readonly why: string | null }) {
  return why === null ? null : <p class="why-not">{why}</p>;
}
