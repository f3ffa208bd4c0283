import { CallCredentials, Metadata, status as statusCode } from "@grpc/grpc-js";
import { deferred } from "../../async/deferred.ts";
import type { RenewedToken } from "../../grpc/client/call-route.ts";
import { invalid } from "../../grpc/client/invalid.ts";

/** A token, and until when it is good. */
export interface IssuedToken {
  readonly token: string;
  /** Ten seconds before, the provider is asked again. Default: it is asked when the server refuses the token. */
  readonly expireTime?: Date;
}

/** Gives the token that calls carry: it is asked for the first call, and again when the token is at its end or the server refuses it. */
export type TokenProvider = () => string | IssuedToken | Promise<string | IssuedToken>;

/** How long before its end a token is replaced, in milliseconds. */
const renewBeforeMs = 10_000;
/** How long a provider has, in milliseconds. */
const providerTimeoutMs = 10_000;
/** How long a failure of the provider is the answer to other calls too, in milliseconds: it is not asked by each of thousands. */
const failureMs = 1_000;
/** A token that was asked for because of a refusal, and is refused itself within this time, is the provider's last word; in milliseconds. */
const refusedAgainMs = 10_000;

/** What fits into a header, without blanks: what a token can be. */
export const tokenShape = /^[\x21-\x7e]+$/;

/** The token of a client, in the metadata `authorization` of each call. */
export class BearerToken extends CallCredentials implements RenewedToken {
  readonly #provider: TokenProvider | null;
  #version = 0;
  /** What calls carry; `null`: it is to be asked for. */
  #metadata: Promise<Metadata> | null = null;
  /** From when on it is asked for again, by `performance.now()`. */
  #renewMs = Number.POSITIVE_INFINITY;
  /** When the server last refused one, by `performance.now()`. */
  #refusedMs = Number.NEGATIVE_INFINITY;

  /** @throws CallError INVALID_ARGUMENT of a text that can be no token */
  constructor(token: string | TokenProvider) {
    super();
    this.#provider = typeof token === "string" ? null : token;
    if (typeof token !== "string") return;
    if (!tokenShape.test(token)) throw invalid("token", badShape);
    this.#metadata = Promise.resolve(metadataOf(token));
  }

  /** Whether there is another one when the server refuses it. */
  get isRenewed(): boolean {
    return this.#provider !== null;
  }

  get version(): number {
    return this.#version;
  }

  refused(version: number): boolean {
    if (this.#provider === null) return false;
    if (version !== this.#version) return true;
    if (performance.now() - this.#refusedMs < refusedAgainMs) return false;
    this.#refusedMs = performance.now();
    this.#metadata = null;
    this.#version++;
    return true;
  }

  override _equals(other: CallCredentials): boolean {
    return this === other;
  }

  override compose(other: CallCredentials): CallCredentials {
    return CallCredentials.createFromMetadataGenerator((options, answer) => {
      Promise.all([this.generateMetadata(), other.generateMetadata(options)]).then(
        ([own, others]) => {
          const all = own.clone();
          all.merge(others);
          answer(null, all);
        },
        (error) => answer(error),
      );
    });
  }

  override generateMetadata(): Promise<Metadata> {
    if (this.#metadata === null || performance.now() >= this.#renewMs) this.#metadata = this.#ask();
    return this.#metadata;
  }

  async #ask(): Promise<Metadata> {
    const version = this.#version;
    this.#renewMs = Number.POSITIVE_INFINITY;
    try {
      const { token, expireTime } = await this.#issued();
      if (!tokenShape.test(token)) throw new Error(badShape);
      const leftMs = expireTime === undefined ? Number.POSITIVE_INFINITY : expireTime.getTime() - Date.now();
      // A token that is nearly at its end is replaced once a second at most, not once a call.
      if (version === this.#version) this.#renewMs = performance.now() + Math.max(1_000, leftMs - renewBeforeMs);
      return metadataOf(token);
    } catch (error) {
      if (version === this.#version) this.#renewMs = performance.now() + failureMs;
      const text = `no token: ${error instanceof Error ? error.message : String(error)}`;
      throw Object.assign(new Error(text, { cause: error }), { code: statusCode.UNAVAILABLE });
    }
  }

  async #issued(): Promise<IssuedToken> {
    const late = deferred<never>();
    const text = `it did not answer within ${providerTimeoutMs / 1_000} s`;
    const timer = setTimeout(() => late.reject(new Error(text)), providerTimeoutMs);
    try {
      const issued = await Promise.race([this.#provider?.(), late.promise]);
      return typeof issued === "object" ? issued : { token: String(issued) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What is wrong with another text, without the text itself, which must stand in no log. */
export const badShape = "expected one word of printable ASCII";

function metadataOf(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}
