package com.sitq.client;

import com.sitq.v1.DrainReason;
import com.sitq.v1.Task;
import com.sitq.v1.TaskLease;
import com.sitq.v1.WorkRequest;
import com.sitq.v1.WorkResponse;
import com.sitq.v1.WorkerServiceGrpc.WorkerServiceStub;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs handlers for the tasks of its queues. It holds one stream open, keeps its leases over a reconnect, and resends each outcome until
 * the server has it on its disk. {@link SitqClient#worker} makes one.
 */
public final class Worker implements AutoCloseable {
  /** How long handlers have to return once they are cancelled. */
  private static final long CANCEL_NANOS = TimeUnit.SECONDS.toNanos(1);
  /** How long a stopping worker tries to have its outcomes settled. */
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(10);
  /** After a stream that lasted this long the delays start again at the shortest. */
  private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final WorkerBuilder options;
  private final String id;
  private final String incarnation = Ids.random();
  private final Ledger ledger;
  private final Reports reports;
  private final Executor executor;
  /** There is something to be sent, or the worker stops. */
  private final Signal pokes = new Signal();
  private final CompletableFuture<Void> connected = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final AtomicBoolean isStopping = new AtomicBoolean();
  private final WorkerServers servers;
  private volatile boolean isConnected;
  /** The stream ends when every outcome is settled. */
  private volatile boolean isEnding;
  private volatile boolean isAborted;
  private volatile Thread shutdownHook;

  Worker(WorkerBuilder options) {
    this.options = options;
    this.id = options.id == null ? Ids.name(options.service) : options.id;
    this.ledger = new Ledger(this, options.capacity);
    this.reports = new Reports(this);
    this.executor = options.executor == null ? Handlers.newExecutor() : options.executor;
    this.servers = new WorkerServers(id, options.client.connections(), this::poke);
  }

  void start() {
    Thread thread = new Thread(this::run, "sitq-worker-" + id);
    if (options.isStoppedOnShutdown) {
      shutdownHook = new Thread(this::close, "sitq-stop-" + id);
      Runtime.getRuntime().addShutdownHook(shutdownHook);
    }
    thread.start();
  }

  /** Returns the worker's id. */
  public String id() {
    return id;
  }

  /** Returns how many handlers have not returned. */
  public int running() {
    return ledger.running();
  }

  /** Returns how many handlers run at a time at most. */
  public int capacity() {
    return options.capacity;
  }

  /** Reports whether its stream is open, for a health page. */
  public boolean isConnected() {
    return isConnected;
  }

  /** Returns a future that is done when the server has welcomed the worker for the first time. */
  public CompletableFuture<Void> connected() {
    return connected.copy();
  }

  /**
   * Returns a future that is done when the worker has stopped and drained. It fails if the server refuses the worker for good: its hello
   * is not valid or not allowed, or another process has its id ({@link Reason#WORKER_REPLACED}).
   */
  public CompletableFuture<Void> done() {
    return done.copy();
  }

  /**
   * Drains: takes no more tasks, waits for running handlers, cancels them when the grace is over, and releases what is left, which burns
   * no attempt. The future is that of {@link #done}.
   */
  public CompletableFuture<Void> stop() {
    if (isStopping.compareAndSet(false, true)) new Thread(this::drain, "sitq-drain-" + id).start();
    return done();
  }

  /** Drains as {@link #stop} does, and returns when that is done. */
  @Override
  public void close() {
    try {
      stop().get();
    } catch (ExecutionException refused) {
      // The worker has ended, which is what was asked for; done() says how.
      return;
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }

  private void drain() {
    ledger.close();
    poke();
    CompletableFuture<Void> idle = ledger.whenIdle();
    if (!isDone(CompletableFuture.anyOf(idle, done), options.grace.toNanos())) {
      ledger.cancelAll(CancelCause.WORKER_STOPPING);
      isDone(CompletableFuture.anyOf(idle, done), CANCEL_NANOS);
    }
    ledger.releaseAll();
    isEnding = true;
    poke();
    if (isDone(done, SETTLE_NANOS + WorkStream.END_NANOS)) return;
    isAborted = true;
    poke();
  }

  /** Waits for a future, and reports whether it is done in time. */
  private static boolean isDone(CompletableFuture<?> future, long nanos) {
    try {
      future.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException failed) {
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    SitqException refusal;
    try {
      refusal = connect();
    } catch (RuntimeException bug) {
      refusal = refused(new SitqException(Code.INTERNAL, "", "the worker failed: " + bug, bug));
    }
    isConnected = false;
    servers.close();
    if (executor instanceof HandlerThreads own) own.close();
    removeShutdownHook();
    if (refusal == null) {
      connected.cancel(false);
      done.complete(null);
    } else {
      connected.completeExceptionally(refusal);
      done.completeExceptionally(refusal);
    }
  }

  private void removeShutdownHook() {
    try {
      if (shutdownHook != null) Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException running) {
      // The process ends, and the hook waits for this worker.
      return;
    }
  }

  /** Opens one stream after the other, until the worker stops. It returns why the server refuses it for good; null: it does not. */
  private SitqException connect() {
    Backoff delays = Backoff.ofConnections();
    Backoff denied = Backoff.ofRefusals();
    HeadersJudge headers = new HeadersJudge();
    Outages.Tries tries = options.client.calls().outages().follow("the worker " + id);
    while (!isOver() && !isAborted) {
      long begin = System.nanoTime();
      int version = options.client.calls().tokenVersion();
      WorkStream.End end = serve();
      isConnected = false;
      SitqException failure = ended(end.failure(), version);
      if (isOver() || isAborted) return null;
      if (isFinal(failure)) return refused(failure);
      boolean isSteady = System.nanoTime() - begin >= STEADY_NANOS;
      if (end.isWelcome()) {
        tries.reached();
        if (isSteady) {
          delays.reset();
          denied.reset();
        }
      } else {
        tries.failed(failure);
      }
      boolean isLasting = headers.isInVain(failure) || Errors.isDenied(failure);
      if (servers.leave(isSteady) && !isLasting) continue;
      Backoff backoff = isLasting ? denied : delays;
      pause(backoff.next(failure.retryAfter().orElse(Duration.ZERO)));
    }
    return null;
  }

  private WorkStream.End serve() {
    ManagedChannel channel = servers.open();
    try {
      return new WorkStream(this, pokes).run(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Waits between streams; a worker that stops waits no longer. */
  private void pause(long nanos) {
    long until = System.nanoTime() + nanos;
    long left = nanos;
    while (left > 0 && !isEnding && !isAborted) {
      pokes.await(left);
      left = until - System.nanoTime();
    }
  }

  /** Notes the end of a stream: what was sent over it and not settled is sent again. */
  private SitqException ended(Throwable cause, int tokenVersion) {
    SitqException failure = cause == null
        ? new SitqException(Code.UNAVAILABLE, "", "the server ended the stream", null)
        : options.client.calls().errorOf(cause, tokenVersion);
    OptionalLong tooLarge = Errors.tooLarge(failure);
    ledger.streamEnded(tooLarge);
    SitqClient.LOG.log(Level.DEBUG, "the worker " + id + " is disconnected: " + failure.getMessage());
    call(() -> options.onDisconnect.accept(failure));
    return failure;
  }

  /** Calls what the program has set; its failure is none of the worker's. */
  private void call(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException failure) {
      SitqClient.LOG.log(Level.WARNING, "a callback of the worker " + id + " failed", failure);
    }
  }

  /**
   * Reports whether the server refuses the worker for good: another process has its id, or its hello is not valid or not allowed.
   * Credentials and rights that it had once it may get back.
   */
  private boolean isFinal(SitqException failure) {
    if (failure.is(Reason.WORKER_REPLACED) || failure.is(Reason.CLOSED)) return true;
    if (connected.isDone()) return false;
    Code code = failure.code();
    return code == Code.INVALID_ARGUMENT || code == Code.UNIMPLEMENTED || Errors.isDenied(failure);
  }

  private SitqException refused(SitqException failure) {
    boolean isReplaced = failure.is(Reason.WORKER_REPLACED);
    String why = isReplaced ? "another process uses its id" : failure.getMessage();
    SitqClient.LOG.log(Level.ERROR, "the worker " + id + " stops: " + why);
    ledger.abandon(isReplaced ? CancelCause.WORKER_REPLACED : CancelCause.LEASE_LOST);
    isDone(ledger.whenIdle(), CANCEL_NANOS);
    return failure;
  }

  /** Reports whether a stream may end: the worker stops, and every outcome is settled. */
  boolean isOver() {
    return isEnding && ledger.isSettled();
  }

  /** Reports whether there is a connection to another server, which is to be used in place of the stream's. */
  boolean isMoving() {
    return servers.hasSuccessor();
  }

  /** Reports whether the worker ends at once. */
  boolean isAborted() {
    return isAborted;
  }

  /** Says that there is something to be sent. */
  void poke() {
    pokes.raise();
  }

  void onWelcome() {
    isConnected = true;
    SitqClient.LOG.log(Level.INFO, "the worker " + id + " is connected");
    connected.complete(null);
    call(options.onConnect);
  }

  /**
   * Notes that the server sends no more tasks.
   *
   * @param begin when its stream began
   */
  void onDrain(WorkResponse.Drain drain, long begin) {
    if (drain.getReason() == DrainReason.DRAIN_REASON_SERVER_STOPPING) {
      servers.seek(System.nanoTime() - begin >= STEADY_NANOS);
    }
    SitqClient.LOG.log(Level.INFO, "the worker " + id + " gets no more tasks: " + drain.getReason());
  }

  WorkRequest.Hello hello(int capacity, List<TaskLease> held) {
    WorkRequest.Hello.Builder hello = WorkRequest.Hello.newBuilder()
        .setWorkerId(id)
        .setIncarnation(incarnation)
        .setService(options.service)
        .addAllQueues(options.queues)
        .setAddress(options.address)
        .setWeight(options.weight)
        .putAllMetadata(options.metadata)
        .setCapacity(capacity)
        .addAllHeld(held);
    // With a handler for other types it is offered all.
    if (options.other == null) hello.addAllTypes(new TreeSet<>(options.handlers.keySet()));
    return hello.build();
  }

  /** Returns the handler of a task; null: it has none. */
  Registered find(Task task) {
    return options.handlers.getOrDefault(task.getType(), options.other);
  }

  WorkerServiceStub stub(WorkerServiceStub stub) {
    WorkerServiceStub secured = options.client.calls().withToken(stub);
    // Our own executors take tasks at once, so gRPC's thread may hand them over itself; the program's may block.
    return options.executor == null ? secured.withExecutor(Runnable::run) : secured;
  }

  Ledger ledger() {
    return ledger;
  }

  Reports reports() {
    return reports;
  }

  /** Null: nothing is traced. */
  Tracing tracing() {
    return options.client.tracing();
  }

  Payloads payloads() {
    return options.client.payloads();
  }

  Executor executor() {
    return executor;
  }

  ScheduledExecutorService timer() {
    return options.client.calls().timer();
  }
}
