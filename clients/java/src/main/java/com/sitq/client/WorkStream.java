package com.sitq.client;

import com.google.protobuf.Duration;
import com.sitq.v1.WorkRequest;
import com.sitq.v1.WorkResponse;
import com.sitq.v1.WorkResponse.CancelledTask;
import com.sitq.v1.WorkerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One Work stream, from hello to its end, over a connection of its own: a stream that went silent would otherwise be opened again over the
 * connection that is dead. The worker's thread speaks, and gRPC's threads hear; neither waits for a handler.
 */
final class WorkStream implements StreamObserver<WorkResponse> {
  /** How long the server has for its welcome. */
  private static final long WELCOME_NANOS = TimeUnit.SECONDS.toNanos(10);
  /** How long the server has to end a stream that the worker has ended. */
  static final long END_NANOS = TimeUnit.SECONDS.toNanos(1);
  /** Outcomes wait for others, to share a message, while some come: for at most so many steps. */
  private static final int GATHER_STEPS = 6;
  private static final long GATHER_STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  /** A stream is dead if nothing was heard for more than so many heartbeat intervals. */
  private static final int SILENT_INTERVALS = 2;
  /** If this process stood still, what came meanwhile is read first. */
  private static final long CATCH_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final WorkRequest HEARTBEAT =
      WorkRequest.newBuilder().setHeartbeat(WorkRequest.Heartbeat.getDefaultInstance()).build();

  private final Worker worker;
  private final Ledger ledger;
  private final Signal signal;
  private ClientCallStreamObserver<WorkRequest> requests;
  /** Why this side has ended it; null: it has not. */
  private SitqException cut;
  private long spoke;
  /** When it looked silent for too long; 0: it did not. */
  private long suspected;
  /** The capacity last sent to the server. */
  private int announced;

  private final long begin = System.nanoTime();
  private volatile long heard;
  /** Nanoseconds; 0: the server has not welcomed the worker. */
  private volatile long interval;
  /** A heartbeat of the server is to be answered. */
  private volatile boolean isAnswerDue;
  private volatile boolean isEnded;
  private volatile Throwable failure;

  WorkStream(Worker worker, Signal signal) {
    this.worker = worker;
    this.ledger = worker.ledger();
    this.signal = signal;
  }

  /**
   * How a stream ended.
   *
   * @param isWelcome the server had welcomed the worker
   * @param failure why; null: in order
   */
  record End(boolean isWelcome, Throwable failure) {}

  /** Runs the stream in the calling thread. */
  End run(ManagedChannel channel) {
    announced = ledger.capacity();
    WorkRequest hello = WorkRequest.newBuilder().setHello(worker.hello(announced, ledger.leases())).build();
    heard = System.nanoTime();
    requests = (ClientCallStreamObserver<WorkRequest>)
        worker.stub(WorkerServiceGrpc.newStub(channel)).work(this);
    say(hello);
    awaitWelcome();
    if (interval > 0 && !isEnded && cut == null) {
      worker.onWelcome();
      worker.reports().sendAgain();
      speak();
    }
    return new End(interval > 0, cut == null ? failure : cut);
  }

  private void awaitWelcome() {
    long until = heard + WELCOME_NANOS;
    while (interval == 0 && !isEnded) {
      if (worker.isAborted() || worker.isOver()) {
        cut(Code.CANCELLED, "", "the worker is stopping");
        return;
      }
      long left = until - System.nanoTime();
      if (left <= 0) {
        cut(Code.DEADLINE_EXCEEDED, Reason.SERVER_SILENT.name(), "the server did not welcome the worker");
        return;
      }
      signal.await(left);
    }
  }

  /** Sends what the worker has to say, until the stream has ended. */
  private void speak() {
    while (!isEnded && cut == null) {
      gather();
      flush();
      if (System.nanoTime() - spoke >= interval) say(HEARTBEAT);
      look();
      if (worker.isAborted()) {
        cut(Code.CANCELLED, "", "the worker is stopping");
      } else if (worker.isOver()) {
        end();
      } else if (worker.isMoving()) {
        cut(Code.UNAVAILABLE, "", "the server is stopping");
      } else if (!isEnded && cut == null) {
        signal.await(Math.max(0, nextDue() - System.nanoTime()));
      }
    }
  }

  private long nextDue() {
    long beat = spoke + interval;
    long look = suspected != 0 ? suspected + CATCH_UP_NANOS : heard + SILENT_INTERVALS * interval + 1;
    return beat - look < 0 ? beat : look;
  }

  /** Waits for more outcomes, until there are many or no more come. */
  private void gather() {
    int before = 0;
    for (int step = 0; step < GATHER_STEPS && !isEnded && !ledger.isGathered(); step++) {
      int unsent = ledger.unsent();
      if (unsent == before) return;
      before = unsent;
      signal.await(GATHER_STEP_NANOS);
    }
  }

  /** Sends everything that is to be said. */
  private void flush() {
    if (isAnswerDue) {
      isAnswerDue = false;
      say(HEARTBEAT);
    }
    for (WorkRequest message = next(); message != null && !isEnded; message = next()) say(message);
  }

  private WorkRequest next() {
    int capacity = ledger.capacity();
    if (capacity != announced) {
      announced = capacity;
      return WorkRequest.newBuilder().setCapacity(WorkRequest.Capacity.newBuilder().setN(capacity)).build();
    }
    WorkRequest.Outcomes outcomes = ledger.takeOutcomes();
    if (outcomes != null) return WorkRequest.newBuilder().setOutcomes(outcomes).build();
    List<WorkRequest.Progress> progress = worker.reports().take();
    if (progress.isEmpty()) return null;
    return WorkRequest.newBuilder().setHeartbeat(WorkRequest.Heartbeat.newBuilder().addAllProgress(progress)).build();
  }

  private void say(WorkRequest message) {
    try {
      requests.onNext(message);
    } catch (IllegalStateException over) {
      // The end of the stream is on its way, with the reason.
      if (!isEnded) requests.cancel("sending failed", over);
    }
    spoke = System.nanoTime();
  }

  /** Ends the stream if nothing was heard for too long. */
  private void look() {
    long now = System.nanoTime();
    if (now - heard <= SILENT_INTERVALS * interval) {
      suspected = 0;
    } else if (suspected == 0) {
      suspected = now;
    } else if (now - suspected >= CATCH_UP_NANOS) {
      long millis = TimeUnit.NANOSECONDS.toMillis(now - heard);
      cut(Code.DEADLINE_EXCEEDED, Reason.SERVER_SILENT.name(), "nothing was heard of the server for " + millis + " ms");
    }
  }

  private void cut(Code code, String reason, String text) {
    cut = new SitqException(code, reason, text, null);
    requests.cancel(text, null);
  }

  /** Ends the worker's half; the server then ends the stream. */
  private void end() {
    requests.onCompleted();
    long until = System.nanoTime() + END_NANOS;
    while (!isEnded) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        cut(Code.CANCELLED, "", "the worker is stopping");
        return;
      }
      signal.await(left);
    }
  }

  @Override
  public void onNext(WorkResponse response) {
    heard = System.nanoTime();
    if (hear(response)) signal.raise();
  }

  /** Takes a message, and reports whether there is something to say now. */
  private boolean hear(WorkResponse response) {
    switch (response.getMessageCase()) {
      case WELCOME -> welcome(response.getWelcome());
      case TASKS -> {
        return ledger.accept(response.getTasks().getTasksList());
      }
      case SETTLED -> {
        return ledger.settled(response.getSettled().getOutcomesList());
      }
      case CANCEL -> response.getCancel().getTasksList().forEach(
          each -> ledger.giveUp(each.getTaskId(), each.getAttempt(), cause(each)));
      case HEARTBEAT -> isAnswerDue = true;
      case DRAIN -> {
        worker.onDrain(response.getDrain(), begin);
        return false;
      }
      case MESSAGE_NOT_SET -> {
        // Of a newer server.
        return false;
      }
    }
    return true;
  }

  private void welcome(WorkResponse.Welcome welcome) {
    welcome.getLostList().forEach(ledger::lost);
    Duration said = welcome.getHeartbeatInterval();
    long nanos = welcome.hasHeartbeatInterval() ? Protos.duration(said).toNanos() : TimeUnit.SECONDS.toNanos(10);
    interval = Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1));
  }

  private static CancelCause cause(CancelledTask cancelled) {
    return switch (cancelled.getCode()) {
      case CANCEL_CODE_ATTEMPT_TIMEOUT -> CancelCause.ATTEMPT_TIMEOUT;
      case CANCEL_CODE_LEASE_LOST -> CancelCause.LEASE_LOST;
      default -> CancelCause.CANCELLED;
    };
  }

  @Override
  public void onError(Throwable error) {
    failure = error;
    onCompleted();
  }

  @Override
  public void onCompleted() {
    isEnded = true;
    signal.raise();
  }
}
