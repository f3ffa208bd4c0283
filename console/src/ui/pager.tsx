import { href, type Route } from "../route.ts";

/** What leads through the pages of a list. The page stands in the address: `?page=TOKEN`. */
export interface PagerProps {
  readonly route: Route;
  /** `next_page_token` of the page that is shown. Empty: it is the last. */
  readonly next: string;
}

/** The page that an address asks for; empty: the first. */
export function pageOf({ query }: Route): string {
  return query.get("page") ?? "";
}

/** Links to the first page and to the next one; the browser's own way leads back. Nothing where one page holds everything. */
export function Pager({ route, next }: PagerProps) {
  const page = pageOf(route);
  if (page === "" && next === "") return null;
  const at = (token: string) => {
    const rest = [...route.query.keys()].filter((name) => name !== "page");
    const query = Object.fromEntries(rest.map((name) => [name, route.query.getAll(name)]));
    return href(route.path, { ...query, page: token });
  };
  return (
    <nav class="pager" aria-label="Pages">
      {page !== "" && <a href={at("")}>First page</a>}
      {next !== "" && (
        <a href={at(next)} rel="next">
          Next page
        </a>
      )}
    </nav>
  );
}
