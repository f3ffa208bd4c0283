package com.sitq.client;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sitq.v1.AwaitTaskRequest;
import com.sitq.v1.EnqueueRequest;
import com.sitq.v1.EnqueueStreamResult;
import com.sitq.v1.QueueServiceGrpc;
import com.sitq.v1.Task;
import com.sitq.v1.TaskState;
import io.grpc.Channel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Calls one server. It connects with the first call, and again whenever it must. Any number of threads may use it. */
public final class SitqClient implements AutoCloseable {
  static final Logger LOG = System.getLogger("com.sitq.client");
  /** One call waits at most so long before the task is looked at again. */
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
  private static final Set<TaskState> FINISHED =
      Set.of(TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELLED);

  private final String service;
  private final Payloads payloads;
  /** Null: nothing is traced. */
  private final Tracing tracing;
  private final Connections connections;
  private final Calls calls;
  private final EnqueueStream stream;
  private final EnqueueBatcher enqueues;
  private final Waits waits;

  private SitqClient(ConnectOptions options) {
    Settings settings = Settings.of(options, System.getenv(), LOG);
    this.service = options.service;
    this.tracing = options.tracing;
    this.payloads = new Payloads(options.mapper == null ? defaultMapper() : options.mapper);
    Timer timer = new Timer();
    this.connections = new Connections(
        settings.addresses(),
        settings.tls() == null ? InsecureChannelCredentials.create() : new TlsMaterial(settings.tls(), LOG).credentials(),
        settings.tls() == null ? null : settings.tls().serverName(),
        settings.token(),
        timer);
    Outages outages = new Outages(settings.address(), LOG);
    this.calls = new Calls(settings.address(), connections, settings.token(), timer, outages, options);
    this.stream = new EnqueueStream(calls);
    this.enqueues = new EnqueueBatcher(calls, stream);
    this.waits = new Waits(calls);
  }

  /** Makes a client. It does not wait for the server: the first call does. */
  public static SitqClient connect(ConnectOptions options) {
    return new SitqClient(options);
  }

  /** Makes a client of the server at an address, or of several servers at addresses that are separated by commas. */
  public static SitqClient connect(String address) {
    return connect(new ConnectOptions().address(address));
  }

  /** Makes the mapper of clients that set none, for programs that change it. */
  public static ObjectMapper defaultMapper() {
    return Payloads.defaultMapper();
  }

  /**
   * Stores a task, and returns once it is on the server's disk. Calls of several threads share a batch on the wire; each gets its own
   * answer. A call whose answer is lost is repeated with the same request id: no second task is made.
   */
  public Enqueued enqueue(NewTask task) {
    return Futures.get(enqueueAsync(task));
  }

  /**
   * Stores a task; the future has its {@link SitqException} if it is refused. Cancelling it takes the task back only if it was not sent
   * yet.
   */
  public CompletableFuture<Enqueued> enqueueAsync(NewTask task) {
    EnqueueRequest made;
    try {
      made = task.request(service, payloads, "task");
    } catch (SitqException invalid) {
      return CompletableFuture.failedFuture(invalid);
    }
    Tracing.Sending sending = tracing == null ? null : tracing.send(List.of(made.getTask()), false);
    EnqueueRequest request = sending == null ? made : TraceHeaders.add(made, sending.headers(0));
    CompletableFuture<EnqueueStreamResult> stored = enqueues.add(request);
    boolean isOwn = task.hasOwnId();
    CompletableFuture<Enqueued> result = stored.thenApply(answer -> {
      if (answer.hasError()) throw Errors.ofItem(answer.getError());
      return enqueued(answer, request, isOwn);
    });
    if (sending != null) {
      result.whenComplete((value, failure) -> {
        if (value != null) sending.answered(0, value.id(), null);
        sending.end(failure == null ? null : Errors.from(failure));
      });
    }
    result.whenComplete((value, failure) -> {
      if (result.isCancelled()) stored.cancel(false);
    });
    return result;
  }

  /**
   * Stores tasks in one batch: at most 1000, and 3 MiB in all. It returns a result for each, in order; a refused one does not refuse the
   * others. A batch that is too large for the server is stored in parts.
   */
  public List<EnqueueResult> enqueueAll(List<NewTask> tasks) {
    return Futures.get(enqueueAllAsync(tasks));
  }

  /** Stores tasks in one batch, as {@link #enqueueAll}. */
  public CompletableFuture<List<EnqueueResult>> enqueueAllAsync(List<NewTask> tasks) {
    return batch(tasks, false);
  }

  /**
   * Stores all of the tasks or none: at most 1000, and 3 MiB in all. If one is refused, each has an error, those that were refused only
   * because of another with {@link Reason#BATCH_REFUSED}.
   */
  public List<EnqueueResult> enqueueAtomic(List<NewTask> tasks) {
    return Futures.get(enqueueAtomicAsync(tasks));
  }

  /** Stores all of the tasks or none, as {@link #enqueueAtomic}. */
  public CompletableFuture<List<EnqueueResult>> enqueueAtomicAsync(List<NewTask> tasks) {
    return batch(tasks, true);
  }

  private CompletableFuture<List<EnqueueResult>> batch(List<NewTask> tasks, boolean isAtomic) {
    if (tasks.isEmpty()) return CompletableFuture.completedFuture(List.of());
    List<EnqueueRequest> requests = new ArrayList<>();
    List<Boolean> own = new ArrayList<>();
    try {
      for (NewTask each : tasks) {
        requests.add(each.request(service, payloads, "requests[" + requests.size() + "].task"));
        own.add(each.hasOwnId());
      }
      checkSize(requests);
    } catch (SitqException invalid) {
      return CompletableFuture.failedFuture(invalid);
    }
    Tracing.Sending sending =
        tracing == null ? null : tracing.send(requests.stream().map(EnqueueRequest::getTask).toList(), true);
    if (sending != null) {
      for (int place = 0; place < requests.size(); place++) {
        requests.set(place, TraceHeaders.add(requests.get(place), sending.headers(place)));
      }
    }
    CompletableFuture<List<EnqueueResult>> stored = enqueues.sendAll(requests, isAtomic).thenApply(answers -> {
      List<EnqueueResult> results = new ArrayList<>();
      for (int place = 0; place < requests.size(); place++) {
        EnqueueStreamResult answer = answers.get(place);
        results.add(answer.hasError()
            ? new EnqueueResult(null, Errors.ofItem(answer.getError()))
            : new EnqueueResult(enqueued(answer, requests.get(place), own.get(place)), null));
      }
      return results;
    });
    if (sending == null) return stored;
    return stored.whenComplete((results, failure) -> {
      for (int place = 0; results != null && place < results.size(); place++) {
        EnqueueResult each = results.get(place);
        sending.answered(place, each.task() == null ? "" : each.task().id(), each.error());
      }
      sending.end(failure == null ? null : Errors.from(failure));
    });
  }

  private static void checkSize(List<EnqueueRequest> requests) {
    long bytes = requests.stream().mapToLong(EnqueueRequest::getSerializedSize).sum();
    if (requests.size() <= Limits.BATCH_SIZE && bytes <= Limits.MESSAGE_BYTES) return;
    throw Errors.invalid("requests", requests.size() + " tasks of " + bytes + " bytes; at most " + Limits.BATCH_SIZE + " of "
        + Limits.MESSAGE_BYTES + " bytes fit");
  }

  /** A generated request id is unique: a repeat that finds the task reports the first try. */
  private static Enqueued enqueued(EnqueueStreamResult answer, EnqueueRequest request, boolean isOwn) {
    // By the task's own: a deduplication key can match another producer's task.
    boolean isFirst = isOwn && answer.getRequestId().equals(request.getRequestId());
    return new Enqueued(answer.getTaskId(), request.getRequestId(), answer.getCreated() || isFirst);
  }

  /** Waits until a task is finished, whichever way, through restarts of the server, and returns it. */
  public Task awaitTask(String taskId) {
    return Futures.get(awaitTaskAsync(taskId));
  }

  /** Waits until a task is finished, as {@link #awaitTask}. Cancelling the future ends the wait. */
  public CompletableFuture<Task> awaitTaskAsync(String taskId) {
    AwaitTaskRequest request =
        AwaitTaskRequest.newBuilder().setTaskId(taskId).setTimeout(Protos.duration(LOOK_EVERY)).build();
    CompletableFuture<Task> result = new CompletableFuture<>();
    look(request, result, true);
    return result;
  }

  private void look(AwaitTaskRequest request, CompletableFuture<Task> result, boolean isFirst) {
    if (result.isDone()) return;
    var answer = calls.call(
        "the wait for the task " + request.getTaskId(), QueueServiceGrpc.getAwaitTaskMethod(), request, LOOK_EVERY);
    result.whenComplete((value, failure) -> {
      if (result.isCancelled()) answer.cancel(false);
    });
    answer.whenComplete((found, failure) -> {
      if (failure != null) {
        result.completeExceptionally(Errors.from(failure));
      } else if (FINISHED.contains(found.getTask().getState())) {
        result.complete(found.getTask());
      } else {
        if (isFirst) waits.log(found.getTask());
        look(request, result, false);
      }
    });
  }

  /**
   * Waits until a task is completed, and returns its result.
   *
   * @throws TaskFailedException if it ends otherwise
   * @throws PayloadException if the result is not of the type
   */
  public <T> T await(String taskId, Class<T> type) {
    return Futures.get(awaitAsync(taskId, type));
  }

  /** Waits until a task is completed, and returns its result, of a type such as {@code List<String>}. */
  public <T> T await(String taskId, TypeReference<T> type) {
    return Futures.get(awaitAsync(taskId, type));
  }

  /** Waits until a task is completed, as {@link #await(String, Class)}. */
  public <T> CompletableFuture<T> awaitAsync(String taskId, Class<T> type) {
    return awaited(taskId, payloads.type(type));
  }

  /** Waits until a task is completed, as {@link #await(String, TypeReference)}. */
  public <T> CompletableFuture<T> awaitAsync(String taskId, TypeReference<T> type) {
    return awaited(taskId, payloads.type(type));
  }

  private <T> CompletableFuture<T> awaited(String taskId, JavaType type) {
    CompletableFuture<Task> task = awaitTaskAsync(taskId);
    CompletableFuture<T> result = task.thenApply(ended -> {
      if (ended.getState() != TaskState.TASK_STATE_COMPLETED) throw new TaskFailedException(ended);
      if (ended.getDamagedFieldsList().contains("result")) {
        throw new SitqException(
            Code.DATA_LOSS, Reason.DATA_LOSS.name(), "the result of the task " + taskId + " is damaged on the server's disk", null);
      }
      return payloads.<T>decode(ended.getResult(), type);
    });
    result.whenComplete((value, failure) -> {
      if (result.isCancelled()) task.cancel(false);
    });
    return result;
  }

  /** Enqueues a task and waits for its result. */
  public <T> T call(NewTask task, Class<T> type) {
    return await(enqueue(task).id(), type);
  }

  /** Begins a worker of a queue; it takes tasks once it is started. */
  public WorkerBuilder worker(String queue) {
    return new WorkerBuilder(this, queue);
  }

  /**
   * Returns the channel of the client's calls, with its token, for the stubs of {@code com.sitq.v1}: events, workflows, the registry. What
   * they throw is gRPC's own.
   */
  public Channel channel() {
    return connections;
  }

  /** Makes the typed error of what a stub threw. */
  public static SitqException errorOf(Throwable failure) {
    return Errors.from(failure);
  }

  /** Closes the connections: streams and waits fail, and every further call. Stop workers first. */
  @Override
  public void close() {
    stream.close();
    calls.close();
    connections.close();
  }

  String service() {
    return service;
  }

  /** Null: nothing is traced. */
  Tracing tracing() {
    return tracing;
  }

  Payloads payloads() {
    return payloads;
  }

  Calls calls() {
    return calls;
  }

  Connections connections() {
    return connections;
  }
}
