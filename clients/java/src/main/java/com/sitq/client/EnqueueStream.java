package com.sitq.client;

import com.sitq.v1.EnqueueBatchRequest;
import com.sitq.v1.EnqueueRequest;
import com.sitq.v1.EnqueueResult;
import com.sitq.v1.EnqueueStreamRequest;
import com.sitq.v1.EnqueueStreamResponse;
import com.sitq.v1.EnqueueStreamResult;
import com.sitq.v1.QueueServiceGrpc;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sends batches of tasks over one stream that is open while it is used, at a fraction of what a call for each costs.
 *
 * <p>A batch that some server may refuse as too large has a call of its own: on the stream it would end all others with it. So has every
 * batch if the server does not know the stream.
 */
final class EnqueueStream {
  /** A stream that was not used for so long is closed. */
  private static final Duration IDLE = Duration.ofSeconds(5);

  private final Calls calls;
  private Open open;
  private boolean isUnknown;

  EnqueueStream(Calls calls) {
    this.calls = calls;
  }

  /** Sends a batch once, and answers with its results in order. */
  CompletableFuture<List<EnqueueStreamResult>> send(List<EnqueueRequest> items, boolean isAtomic) {
    EnqueueStreamRequest request = EnqueueStreamRequest.newBuilder().addAllRequests(items).setAtomic(isAtomic).build();
    if (isApart(request)) return sendApart(items, isAtomic);
    CompletableFuture<List<EnqueueStreamResult>> answer = new CompletableFuture<>();
    while (!opened().send(request, answer)) {
      // It ended meanwhile: the next one is another.
    }
    return answer.handle((results, failure) -> {
      if (failure == null) return CompletableFuture.completedFuture(results);
      SitqException error = Errors.from(failure);
      if (error.code() != Code.UNIMPLEMENTED) return CompletableFuture.<List<EnqueueStreamResult>>failedFuture(error);
      useApart();
      return sendApart(items, isAtomic);
    }).thenCompose(result -> result);
  }

  private synchronized boolean isApart(EnqueueStreamRequest request) {
    return isUnknown || request.getSerializedSize() > Limits.LEAST_MESSAGE_BYTES + Limits.BATCH_SIZE * 4;
  }

  private synchronized void useApart() {
    isUnknown = true;
  }

  private CompletableFuture<List<EnqueueStreamResult>> sendApart(List<EnqueueRequest> items, boolean isAtomic) {
    EnqueueBatchRequest request = EnqueueBatchRequest.newBuilder().addAllRequests(items).setAtomic(isAtomic).build();
    return calls.once(QueueServiceGrpc.getEnqueueBatchMethod(), request, calls.callTimeout())
        .thenApply(answer -> answer.getResultsList().stream().map(EnqueueStream::result).toList());
  }

  private static EnqueueStreamResult result(EnqueueResult result) {
    EnqueueStreamResult.Builder made = EnqueueStreamResult.newBuilder()
        .setTaskId(result.getTask().getId())
        .setRequestId(result.getTask().getRequestId())
        .setCreated(result.getCreated());
    if (result.hasError()) made.setError(result.getError());
    return made.build();
  }

  private synchronized Open opened() {
    if (open != null && open.lines != calls.connections().lines()) {
      // Its server was left: it still answers what was sent.
      open.end();
      open = null;
    }
    if (open == null) {
      open = new Open();
      open.start();
    }
    return open;
  }

  private synchronized void forget(Open ended) {
    if (open == ended) open = null;
  }

  /** Ends the stream once its batches are answered. */
  void close() {
    Open last;
    synchronized (this) {
      last = open;
      open = null;
    }
    if (last != null) last.end();
  }

  /** One stream, from its opening to its end. Its lock is held while a message is sent, so that answers find their batches in order. */
  private final class Open implements StreamObserver<EnqueueStreamResponse> {
    private final ArrayDeque<CompletableFuture<List<EnqueueStreamResult>>> unanswered = new ArrayDeque<>();
    private final Object lines = calls.connections().lines();
    private ClientCallStreamObserver<EnqueueStreamRequest> requests;
    private SitqException cut;
    private boolean isOver;
    private boolean isEnded;
    /** When the last answer came, or something was sent while nothing was unanswered. */
    private long heard = System.nanoTime();
    private Future<?> look;

    synchronized void start() {
      requests = (ClientCallStreamObserver<EnqueueStreamRequest>)
          QueueServiceGrpc.newStub(calls.connections()).enqueueStream(this);
      lookIn(IDLE.toNanos());
    }

    /** Sends a batch; false: the stream is over. */
    synchronized boolean send(EnqueueStreamRequest request, CompletableFuture<List<EnqueueStreamResult>> answer) {
      if (isOver) {
        forget(this);
        return false;
      }
      if (unanswered.isEmpty()) {
        heard = System.nanoTime();
        lookIn(calls.callTimeout().toNanos());
      }
      unanswered.add(answer);
      try {
        requests.onNext(request);
      } catch (RuntimeException failure) {
        // The end of the stream is on its way, and answers the batch.
        requests.cancel("sending failed", failure);
      }
      return true;
    }

    private void lookIn(long nanos) {
      if (look != null) look.cancel(false);
      look = calls.timer().schedule(this::look, Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    /** Ends a stream that is not used any more, or that the server does not answer on. */
    private synchronized void look() {
      if (isOver) return;
      boolean isUnused = unanswered.isEmpty();
      long left = heard + (isUnused ? IDLE : calls.callTimeout()).toNanos() - System.nanoTime();
      if (left > 0) {
        lookIn(left);
      } else if (isUnused) {
        end();
      } else {
        cut = new SitqException(Code.DEADLINE_EXCEEDED, "", "the server does not answer", null);
        calls.connections().failed(lines, cut);
        requests.cancel(cut.getMessage(), cut);
      }
    }

    synchronized void end() {
      isOver = true;
      if (isEnded) return;
      isEnded = true;
      requests.onCompleted();
    }

    @Override
    public void onNext(EnqueueStreamResponse response) {
      CompletableFuture<List<EnqueueStreamResult>> first;
      synchronized (this) {
        first = unanswered.poll();
        heard = System.nanoTime();
      }
      if (first == null) return;
      if (response.hasError()) {
        SitqException refusal = Errors.from(response.getError(), null);
        calls.connections().failed(lines, refusal);
        first.completeExceptionally(refusal);
      } else {
        first.complete(response.getResultsList());
      }
    }

    @Override
    public void onError(Throwable failure) {
      SitqException error = Errors.from(failure);
      boolean isUnclear = error.code() == Code.CANCELLED || (error.code() == Code.UNKNOWN && error.reason().isEmpty());
      over(isUnclear ? ended(failure) : error);
    }

    @Override
    public void onCompleted() {
      over(ended(null));
    }

    /** The server ended it in order, or a proxy did. */
    private SitqException ended(Throwable cause) {
      return new SitqException(Code.UNAVAILABLE, "", "the stream has ended", cause);
    }

    private void over(SitqException failure) {
      List<CompletableFuture<List<EnqueueStreamResult>>> rest;
      SitqException error;
      synchronized (this) {
        isOver = true;
        isEnded = true;
        if (look != null) look.cancel(false);
        rest = List.copyOf(unanswered);
        unanswered.clear();
        error = cut == null ? failure : cut;
      }
      forget(this);
      for (CompletableFuture<List<EnqueueStreamResult>> each : rest) each.completeExceptionally(error);
    }
  }
}
