import { SitqError } from "../domain/errors.ts";

/** The refusal of a start behind which events are no longer kept. @param earliest the oldest position to begin at */
export function positionExpired(earliest: string): SitqError {
  return new SitqError(
    "POSITION_EXPIRED",
    "Events behind this start are no longer kept. Begin at the earliest that are, and know that some are missing.",
    { field: "start", metadata: { earliest_position: earliest } },
  );
}
