import { isOutdated, server } from "../live/session.ts";

/** Says that the page is of another version than the server, as after an upgrade. Nothing while they are the same. */
export function VersionNote() {
  return (
    <div role="status" class="stream">
      {isOutdated.value && (
        <p class="broken">
          The server has become sitq {server.value?.serverInfo?.version}, and this page is of another version.{" "}
          <button type="button" onClick={() => location.reload()}>
            Load the page anew
          </button>
        </p>
      )}
    </div>
  );
}
