import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Deferred } from "../../async/deferred.ts";
import type { Held } from "../held-message.ts";
import type { CallError } from "./call-error.ts";
import type { CallRoute } from "./call-route.ts";

/** Who made a call. */
export type Caller = Deferred<MessageShape<DescMessage>>;

/** How a call is made again that was in vain. */
export interface NextTry {
  begin(route: CallRoute, mayRenew: boolean): void;
  /** Whether it may be made with another token. */
  readonly mayRenew: boolean;
}

/** What waits for the answer of a unary call. grpc-js keeps it with the call: once there is an answer, it refers to nothing any more. */
export class PendingAnswer {
  /** Called when there is nothing to cancel any more. */
  release: () => void = () => undefined;
  readonly route: CallRoute;
  readonly #tokenVersion: number | null;
  #caller: Caller | null;
  #next: NextTry | null;

  constructor(caller: Caller, route: CallRoute, next: NextTry | null = null) {
    this.#caller = caller;
    this.route = route;
    this.#tokenVersion = route.tokenVersion;
    this.#next = next;
  }

  readonly ended = (error: unknown, response: Held<MessageShape<DescMessage>> | undefined): void => {
    const [caller, next] = [this.#caller, this.#next];
    this.#caller = null;
    this.#next = null;
    this.release();
    if (!error && response !== undefined) caller?.resolve(response.take());
    else this.#failed(this.route.failure(error, this.#tokenVersion), caller, next);
  };

  #failed(error: CallError, caller: Caller | null, next: NextTry | null): void {
    const { mayRenew = false } = next ?? {};
    const isRenewed = mayRenew && error.renewsToken;
    const route = isRenewed ? this.route : this.route.elsewhere(error);
    try {
      if (next === null || route === null) throw error;
      next.begin(route, mayRenew && !isRenewed);
    } catch (failure) {
      caller?.reject(failure);
    }
  }
}
