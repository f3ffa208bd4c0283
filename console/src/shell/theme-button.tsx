import { signal } from "@preact/signals";

const themes = ["auto", "light", "dark"] as const;
type Theme = (typeof themes)[number];

const key = "sitq.theme";
const theme = signal<Theme>(stored());

function stored(): Theme {
  try {
    return themes.find((each) => each === localStorage.getItem(key)) ?? "auto";
  } catch {
    // The browser keeps nothing for this page.
    return "auto";
  }
}

/** Applies the theme that was chosen last. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}

/** Goes from the system's colours to light ones, to dark ones, and back. */
export function ThemeButton() {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "auto";
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Colours: ${theme.value}. Change to ${next}`}
      onClick={() => {
        theme.value = next;
        applyTheme();
        try {
          localStorage.setItem(key, next);
        } catch {
          // It is for this page only then.
        }
      }}
    >
      {theme.value}
    </button>
  );
}
