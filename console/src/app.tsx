import { useEffect, useRef } from "preact/hooks";
import { begin } from "./live/begin.ts";
import { overviewState } from "./live/overview.ts";
import { href, route } from "./route.ts";
import { signInNeeded } from "./rpc/sign-in-needed.ts";
import { FileNote } from "./shell/file-note.tsx";
import { Header } from "./shell/header.tsx";
import { SignIn } from "./shell/sign-in.tsx";
import { StreamNote } from "./shell/stream-note.tsx";
import { VersionNote } from "./shell/version-note.tsx";
import { ViewFrame } from "./shell/view-frame.tsx";
import { ConfirmDialog } from "./ui/confirm.tsx";
import { Notices } from "./ui/notices.tsx";
import { views } from "./views/views.ts";

/** The whole page. */
export function App() {
  const { path, query } = route.value;
  const main = useRef<HTMLElement>(null);
  const [first] = path;
  const view = first === undefined ? views[0] : views.find((each) => each.path === first);
  const title = view?.title ?? first ?? "";
  const place = path.join("/");
  const shown = useRef(place);

  useEffect(() => {
    document.title = title === "" ? "sitq" : `${title} · sitq`;
    if (shown.current === place) return;
    shown.current = place;
    // What is read aloud begins with the new view.
    main.current?.focus();
    scrollTo(0, 0);
  }, [title, place]);

  const View = view?.component;
  const needsSignIn = signInNeeded.value !== null;
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header view={view} />
      <FileNote />
      <VersionNote />
      {!needsSignIn && <StreamNote state={overviewState.value} onAgain={begin} />}
      <main ref={main} id="main" tabIndex={-1}>
        {needsSignIn ? (
          <SignIn onSignedIn={begin} />
        ) : View === undefined ? (
          <p class="empty">
            There is no such page. <a href={href(["now"])}>Go to what is now</a>
          </p>
        ) : (
          <ViewFrame place={`${place}?${query}`}>
            <View route={{ path, query }} />
          </ViewFrame>
        )}
      </main>
      <ConfirmDialog />
      <Notices />
    </>
  );
}
