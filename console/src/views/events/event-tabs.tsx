import { href } from "../../route.ts";

const tabs = [
  ["events", "Log"],
  ["subscriptions", "Subscriptions"],
] as const;

/** Leads between the log of events and the subscriptions. */
export function EventTabs({ active }: { readonly active: (typeof tabs)[number][0] }) {
  return (
    <nav class="tabs" aria-label="Events">
      {tabs.map(([path, title]) => (
        <a key={path} href={href([path])} aria-current={path === active ? "page" : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}
