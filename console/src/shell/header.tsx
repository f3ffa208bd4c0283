import { identity, server } from "../live/session.ts";
import { href } from "../route.ts";
import { views } from "../views/views.ts";
import { ThemeButton } from "./theme-button.tsx";

/** The name of the server, the navigation, and who looks. */
export function Header({ active }: { readonly active: string }) {
  const principal = identity.value?.principal ?? "";
  const info = server.value?.serverInfo;
  return (
    <header>
      <a class="brand" href={href(["now"])}>
        sitq
      </a>
      <nav aria-label="Views">
        {views.map(({ path, title }) =>
          title === null ? null : (
            <a key={path} href={href([path])} aria-current={path === active ? "page" : undefined}>
              {title}
            </a>
          ),
        )}
      </nav>
      <span class="who">
        {info !== undefined && <span title={`sitq ${info.version}`}>{location.host}</span>}
        {principal !== "" && <span>{principal}</span>}
        <ThemeButton />
      </span>
    </header>
  );
}
