import { useEffect, useRef, useState } from "preact/hooks";
import { followStream, type StreamOptions, type StreamState } from "./stream.ts";

/** How a stream stands, and what opens it again where it was refused. */
export interface FollowedStream {
  readonly state: StreamState;
  onAgain(): Promise<void>;
}

/**
 * Keeps a stream open while a view is shown.
 *
 * @param key what it is of: another key opens another one; `null`: none is open
 */
export function useStream<Message>(
  key: string | null,
  options: Omit<StreamOptions<Message>, "onState">,
): FollowedStream {
  const [state, setState] = useState<StreamState>({ kind: "connecting" });
  const [opened, setOpened] = useState(0);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (key === null) return;
    return followStream<Message>({
      open: (signal) => latest.current.open(signal),
      onMessage: (message) => latest.current.onMessage(message),
      isOver: () => latest.current.isOver?.() ?? false,
      // Each message says that it is live.
      onState: (now) => setState((before) => (now.kind === "live" && before.kind === "live" ? before : now)),
    });
  }, [key, opened]);
  return {
    state,
    async onAgain() {
      setOpened((times) => times + 1);
    },
  };
}
