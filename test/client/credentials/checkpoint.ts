import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status as statusCode } from "@grpc/grpc-js";
import { makeStatus, toStatusObject } from "../../../src/grpc/status-details.ts";
import { createMailbox, type Mailbox } from "../mailbox.ts";

/** A call that came to a server. */
export interface SeenCall {
  /** `QueueService/GetQueue`. */
  readonly method: string;
  /** The metadata `authorization`; `undefined`: it had none. */
  readonly authorization: string | undefined;
}

/** What a server sees of each call before its handler does. */
export interface Checkpoint {
  readonly interceptor: ServerInterceptor;
  readonly seen: Mailbox<SeenCall>;
  /** Refuses from now on calls with other tokens than these. */
  admit(...tokens: readonly string[]): void;
  /** The same, as a server does that has seen too many of them. */
  admitOnly(...tokens: readonly string[]): void;
  /** Refuses from now on every call for want of rights. */
  forbid(): void;
}

/** Sees all calls, and admits them until it is told otherwise. */
export function createCheckpoint(): Checkpoint {
  const seen = createMailbox<SeenCall>("call");
  let refusal: (authorization: string | undefined) => ReturnType<typeof makeStatus> | null = () => null;
  function refuseOthers(tokens: readonly string[], refused: (reason: string) => ReturnType<typeof makeStatus>): void {
    const good = new Set(tokens.map((token) => `Bearer ${token}`));
    refusal = (authorization) => {
      if (authorization !== undefined && good.has(authorization)) return null;
      return refused(authorization === undefined ? "CREDENTIALS_REQUIRED" : "INVALID_CREDENTIALS");
    };
  }
  return {
    seen,
    admit(...tokens) {
      refuseOthers(tokens, (reason) => makeStatus(statusCode.UNAUTHENTICATED, "The token is not known.", { reason }));
    },
    admitOnly(...tokens) {
      const details = { reason: "TOO_MANY_FAILED_SIGN_INS", retryAfterMs: 60_000 };
      refuseOthers(tokens, () => makeStatus(statusCode.RESOURCE_EXHAUSTED, "Too many failed.", details));
    },
    forbid() {
      refusal = () =>
        makeStatus(statusCode.PERMISSION_DENIED, "This needs the role worker.", { reason: "ROLE_REQUIRED" });
    },
    interceptor: (method, call) =>
      new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata(metadata: Metadata, pass) {
              const [authorization] = metadata.get("authorization").map(String);
              const path = method.path.replace(/^\/(?:[a-z0-9]+\.)*/, "");
              seen.put({ method: path, authorization });
              const status = refusal(authorization);
              if (status !== null) call.sendStatus(toStatusObject(status));
              else pass(metadata);
            },
          }),
      }),
  };
}
