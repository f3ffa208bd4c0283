package com.sitq.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Makes calls, and repeats those that are safe to repeat while their failures are transient. */
final class Calls {
  private final String address;
  private final Connections connections;
  private final Bearer token;
  private final ScheduledExecutorService timer;
  private final Outages outages;
  private final Duration callTimeout;
  private final Duration retryTimeout;
  /** What is not answered yet. */
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  Calls(
      String address,
      Connections connections,
      Bearer token,
      ScheduledExecutorService timer,
      Outages outages,
      ConnectOptions options) {
    this.address = address;
    this.connections = connections;
    this.token = token;
    this.timer = timer;
    this.outages = outages;
    this.callTimeout = options.callTimeout;
    this.retryTimeout = options.retryTimeout;
  }

  Connections connections() {
    return connections;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  Outages outages() {
    return outages;
  }

  Duration callTimeout() {
    return callTimeout;
  }

  /** Fails what is not answered, and every further call. */
  void close() {
    isClosed = true;
    for (CompletableFuture<?> each : open) each.completeExceptionally(Errors.closed());
  }

  /** Adds the token to the calls of a stub that has a connection of its own. */
  <S extends AbstractStub<S>> S withToken(S stub) {
    return token == null ? stub : stub.withCallCredentials(token);
  }

  /** Returns the time until which what fails now is repeated. */
  long retryUntil() {
    return System.nanoTime() + retryTimeout.toNanos();
  }

  int tokenVersion() {
    return token == null ? 0 : token.version();
  }

  /** Makes the error of a failed call, whose token had the version. */
  SitqException errorOf(Throwable failure, int tokenVersion) {
    SitqException made = Errors.from(failure);
    if (isClosed) return Errors.closed();
    if (made.code() == Code.UNAUTHENTICATED) made.renewsToken = token != null && token.renews(tokenVersion);
    if (made.code() != Code.UNAVAILABLE || !made.reason().isEmpty()) return made;
    String text = String.valueOf(made.getMessage());
    if (Bearer.isFailure(made)) {
      return new SitqException(Code.UNAVAILABLE, Reason.TOKEN_UNAVAILABLE.name(), text, made.getCause());
    }
    SitqException away = new SitqException(Code.UNAVAILABLE, "", "cannot reach " + address + ": " + text, made.getCause());
    away.hadNoRoom = made.hadNoRoom;
    return away;
  }

  /** Makes a call once. Cancelling its future cancels it. */
  <Q, R> CompletableFuture<R> once(MethodDescriptor<Q, R> method, Q request, Duration timeout) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    ClientCall<Q, R> call = connections.newCall(method, options);
    CompletableFuture<R> answer = new CompletableFuture<>();
    answer.whenComplete((value, failure) -> {
      if (answer.isCancelled()) call.cancel("cancelled by the caller", failure);
    });
    ClientCalls.asyncUnaryCall(call, request, new StreamObserver<>() {
      @Override
      public void onNext(R value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {
        answer.completeExceptionally(new SitqException(Code.INTERNAL, "", "the server did not answer", null));
      }
    });
    return answer;
  }

  /** Makes a call that is safe to repeat, and repeats it. Each try has the call timeout, and extra on top. */
  <Q, R> CompletableFuture<R> call(String name, MethodDescriptor<Q, R> method, Q request, Duration extra) {
    Attempts<R> attempts = new Attempts<>(name, () -> once(method, request, callTimeout.plus(extra)), false, 0);
    attempts.next();
    return attempts.result;
  }

  /**
   * Repeats the sending of a batch.
   *
   * @param isDivisible one that did not get through in time is not repeated as it is
   * @param until when to give up, in nanoseconds; 0: the retry timeout after the first failure
   */
  <R> CompletableFuture<R> repeat(String name, Supplier<CompletableFuture<R>> send, boolean isDivisible, long until) {
    Attempts<R> attempts = new Attempts<>(name, send, isDivisible, until);
    attempts.next();
    return attempts.result;
  }

  /** The tries of one call. */
  private final class Attempts<R> {
    final CompletableFuture<R> result = new CompletableFuture<>();
    private final Supplier<CompletableFuture<R>> call;
    private final Backoff delays = Backoff.ofCalls();
    private final Outages.Tries tries;
    private final HeadersJudge headers = new HeadersJudge();
    private final boolean isDivisible;
    private volatile CompletableFuture<R> under;
    private volatile Object lines;
    private long until;

    Attempts(String name, Supplier<CompletableFuture<R>> call, boolean isDivisible, long until) {
      this.call = call;
      this.tries = outages.follow(name);
      this.isDivisible = isDivisible;
      this.until = until;
      open.add(result);
      result.whenComplete((value, failure) -> {
        open.remove(result);
        CompletableFuture<R> last = under;
        if (last != null) last.cancel(false);
      });
    }

    void next() {
      if (isClosed) result.completeExceptionally(Errors.closed());
      if (result.isDone()) return;
      int version = tokenVersion();
      lines = connections.lines();
      CompletableFuture<R> once;
      try {
        once = call.get();
      } catch (RuntimeException failure) {
        result.completeExceptionally(Errors.from(failure));
        return;
      }
      under = once;
      once.whenComplete((value, failure) -> {
        if (failure == null) {
          tries.reached();
          result.complete(value);
        } else {
          failed(errorOf(failure, version));
        }
      });
    }

    private void failed(SitqException failure) {
      boolean isSplit = isDivisible && failure.code() == Code.DEADLINE_EXCEEDED;
      if (isSplit || !Errors.isRetryable(failure) || headers.isInVain(failure)) {
        result.completeExceptionally(failure);
        return;
      }
      if (until == 0) until = retryUntil();
      // What a server asks for is no matter of another one.
      boolean isSame = lines == connections.lines();
      long delay = delays.next(isSame ? failure.retryAfter().orElse(Duration.ZERO) : Duration.ZERO);
      if (System.nanoTime() + delay - until > 0) {
        result.completeExceptionally(failure);
        return;
      }
      tries.failed(failure);
      timer.schedule(this::next, delay, TimeUnit.NANOSECONDS);
    }
  }
}
