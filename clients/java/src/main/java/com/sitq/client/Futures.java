package com.sitq.client;

import io.grpc.Status.Code;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for futures in blocking calls. */
final class Futures {
  private Futures() {}

  /** Waits for a future, and throws what it failed with. An interrupt cancels it. */
  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException interrupt) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new SitqException(Code.CANCELLED, "", "interrupted", interrupt);
    } catch (ExecutionException failure) {
      Throwable cause = Errors.unwrapped(failure);
      if (cause instanceof SitqException known) throw known.here();
      if (cause instanceof TaskFailedException known) throw new TaskFailedException(known.task());
      if (cause instanceof RuntimeException known) throw known;
      throw Errors.from(cause);
    }
  }
}
