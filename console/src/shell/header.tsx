import { href } from "../route.ts";
import { signInNeeded } from "../rpc/sign-in-needed.ts";
import { type View, views } from "../views/views.ts";
import { GoTo } from "./go-to.tsx";
import { ThemeButton } from "./theme-button.tsx";
import { Who } from "./who.tsx";

/** The name of the server, the navigation, the way to what has an id, and who looks. */
export function Header({ view }: { readonly view: View | undefined }) {
  const current = (path: string) => {
    if (path === view?.path) return "page";
    return path === view?.under ? "true" : undefined;
  };
  const isIn = signInNeeded.value === null;
  return (
    <header>
      <a class="brand" href={href(["now"])}>
        sitq
      </a>
      {isIn && (
        <nav aria-label="Views">
          {views.map(({ path, title }) =>
            title === null ? null : (
              <a key={path} href={href([path])} aria-current={current(path)}>
                {title}
              </a>
            ),
          )}
        </nav>
      )}
      {isIn && <GoTo />}
      <span class="who">
        <Who />
        <ThemeButton />
      </span>
    </header>
  );
}
