import { signal } from "@preact/signals";

/** Where in the console one is. All of it stands in the fragment of the address: `#/tasks?queue=mail&state=failed`. */
export interface Route {
  /** The parts of the path: `["queue", "mail"]`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads the fragment of an address. What is not well encoded is taken as it is. */
export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#\/?/, "");
  const at = text.indexOf("?");
  const path = at === -1 ? text : text.slice(0, at);
  return {
    path: path
      .split("/")
      .filter((part) => part !== "")
      .map(decode),
    query: new URLSearchParams(at === -1 ? "" : text.slice(at + 1)),
  };
}

/** A fragment: `href(["queue", "mail"], { tab: "settings" })`. Entries that are empty or undefined are left out. */
export function href(path: readonly string[], query: Readonly<Record<string, QueryValue>> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== "") params.append(name, `${each}`);
  }
  const text = params.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

/** The value of an entry of a query; a list gives as many entries. */
export type QueryValue = string | number | readonly string[] | undefined;

/** Where one is now. */
export const route = signal(parseRoute(location.hash));

addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

/** Goes elsewhere; `replace`: without an entry in the history, as while one types into a filter. */
export function navigate(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") location.hash = to;
  else {
    history.replaceState(null, "", to);
    route.value = parseRoute(to);
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
