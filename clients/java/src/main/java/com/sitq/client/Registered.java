package com.sitq.client;

import com.fasterxml.jackson.databind.JavaType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A handler with the type of its input.
 *
 * @param isAsync what it returns is a future of the result
 */
record Registered(JavaType input, Handler<Object, ?> handler, boolean isAsync) {
  static <I, O> Registered of(JavaType input, Handler<I, O> handler) {
    return new Registered(input, untyped(handler), false);
  }

  static <I, O> Registered ofAsync(JavaType input, AsyncHandler<I, O> handler) {
    Handler<I, CompletionStage<O>> returning = handler::handle;
    return new Registered(input, untyped(returning), true);
  }

  @SuppressWarnings("unchecked") // It gets what was decoded as its input.
  private static <I, O> Handler<Object, O> untyped(Handler<I, O> handler) {
    return (Handler<Object, O>) handler;
  }

  /** Runs an attempt: in the calling thread, unless the handler goes on elsewhere. */
  CompletionStage<?> run(Attempt attempt, Payloads payloads) throws Exception {
    Object input = payloads.decode(attempt.task().getPayload(), this.input);
    Object returned = handler.handle(input, attempt);
    return isAsync ? (CompletionStage<?>) returned : CompletableFuture.completedFuture(returned);
  }
}
