import { expect, it } from "vitest";
import { callErrorFrom } from "../../src/grpc/client/call-error.ts";

/** What grpc-js 1.14 was seen to say, and what of it is passed on. */
it.each([
  [
    14,
    "No connection established. Last error: Error: connect ECONNREFUSED 1.2.3.4:5. Resolution note: ",
    "cannot reach h:1: connection refused",
  ],
  [
    14,
    "No connection established. Last error: Protocol error (2026-11-28T18:17:20.988Z). Resolution note: ",
    "cannot reach h:1: it answers, but not gRPC",
  ],
  [
    14,
    "No connection established. Last error: Failed to connect (2026-11-28T18:17:23.496Z). Resolution note: ",
    "cannot reach h:1: it closed the connection at once",
  ],
  [
    14,
    "No connection established. Last error: Error: 409D:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:x.c:77:\n. Resolution note: ",
    "cannot reach h:1: it does not speak TLS",
  ],
  [
    14,
    "No connection established. Last error: Error: self-signed certificate. Resolution note: ",
    "cannot reach h:1: its certificate is not trusted",
  ],
  [
    14,
    "No connection established. Last error: Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: . Resolution note: ",
    "cannot reach h:1: its certificate is for another name",
  ],
  [
    14,
    "No connection established. Last error: Error: certificate has expired. Resolution note: ",
    "cannot reach h:1: its certificate has expired",
  ],
  [
    14,
    "No connection established. Last error: Error: certificate is not yet valid. Resolution note: ",
    "cannot reach h:1: its certificate is not yet valid",
  ],
  [
    14,
    "No connection established. Last error: 401D:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:x.c:918:SSL alert number 116\n (2026-11-29T06:39:02.665Z). Resolution note: ",
    "cannot reach h:1: it wants a client certificate",
  ],
  [
    14,
    "No connection established. Last error: 401D:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:x.c:918:SSL alert number 48\n (2026-11-29T06:39:02.665Z). Resolution note: ",
    "cannot reach h:1: it refused the client certificate",
  ],
  [
    14,
    "No connection established. Last error: Error: something new (2026-11-28T18:17:20.988Z). Resolution note: ",
    "cannot reach h:1: something new",
  ],
  [14, "Name resolution failed for target dns:nosuch.invalid:1", "cannot reach h:1: the host name is not known"],
  [4, "Deadline exceeded after 15.000s,LB pick: 0.001s,remote_addr=1.2.3.4:5", "cannot reach h:1: it does not answer"],
  [14, "Connection dropped", "cannot reach h:1: the connection was cut"],
  [14, "read ECONNRESET", "cannot reach h:1: the connection was cut"],
  [12, "Received HTTP status code 404", "cannot reach h:1: it answers, but not gRPC (HTTP 404)"],
  [1, "Cancelled on client", "The call was cancelled."],
  [
    8,
    "Received message larger than max (5000000 vs 4194304)",
    "The message is too large: 5000000 bytes, at most 4194304 fit.",
  ],
  [
    8,
    "Attempted to send message with a size larger than 4194304",
    "The message is too large: at most 4194304 bytes fit.",
  ],
  [14, "no healthy upstream", "no healthy upstream"],
  [13, "of some other server", "of some other server"],
])("%d %s", (code, details, message) => {
  const error = callErrorFrom(Object.assign(new Error(`${code}: ${details}`), { code, details }), "h:1");
  expect(error).toMatchObject({ code, message, reason: null });
});

it.each([
  ["No connection established. Last error: Error: connect ECONNREFUSED 1.2.3.4:5. Resolution note: ", false],
  ["Deadline exceeded after 2.503s,Waiting for LB pick", false],
  ["Deadline exceeded after 15.000s,LB pick: 0.001s,remote_addr=1.2.3.4:5", true],
  [
    "Deadline exceeded after 4.999s,name resolution: 0.003s,time to current attempt start: 0.001s,LB pick: 0.017s,remote_addr=1.2.3.4:5",
    true,
  ],
  ["Deadline exceeded after 5.000s,waiting for name resolution", false],
  ["Deadline exceeded after 5.000s,name resolution: 0.003s,waiting for metadata filters", false],
  ["Connection dropped", true],
])("%s: the request may have arrived: %j", (details, maybeSent) => {
  const code = details.startsWith("Deadline") ? 4 : 14;
  const error = callErrorFrom(Object.assign(new Error(details), { code, details }));
  expect(error.unreached).toMatchObject({ maybeSent });
});

it("takes a refusal of Node's HTTP/2 for what it is: a call that the server has not looked at, and that may be repeated", () => {
  const details = "Bandwidth exhausted or memory limit exceeded";
  const error = callErrorFrom(Object.assign(new Error(details), { code: 8, details }), "h:1");
  expect(error).toMatchObject({
    codeName: "UNAVAILABLE",
    message: "cannot reach h:1: the connection had no room for another call, or the call's headers are too large",
    unreached: { maybeSent: false },
  });
});

it("takes a call that a proxy ended without its trailers for one whose answer was lost, and that may be repeated", () => {
  const details = "Received RST_STREAM with code 0 (Call ended without gRPC status)";
  const error = callErrorFrom(Object.assign(new Error(`13 INTERNAL: ${details}`), { code: 13, details }), "h:1");
  expect(error).toMatchObject({
    code: 14,
    message: "cannot reach h:1: the connection was cut",
    unreached: { maybeSent: true },
  });
});
