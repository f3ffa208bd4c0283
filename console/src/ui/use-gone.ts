import { useEffect, useState } from "preact/hooks";

/** Aborted once a part of a view is shown no longer: what it was to ask then is not asked elsewhere. */
export function useGone(): AbortSignal {
  const [gone] = useState(() => new AbortController());
  useEffect(() => () => gone.abort(), []);
  return gone.signal;
}
