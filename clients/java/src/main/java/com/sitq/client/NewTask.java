package com.sitq.client;

import com.sitq.v1.BalancingStrategy;
import com.sitq.v1.Dispatch;
import com.sitq.v1.DuplicatePolicy;
import com.sitq.v1.EnqueueRequest;
import com.sitq.v1.RetryPolicy;
import com.sitq.v1.Task;
import java.time.Duration;
import java.time.Instant;

/** A task to be enqueued. What is not set is the queue's default. */
public final class NewTask {
  private final Task.Builder task = Task.newBuilder();
  private final EnqueueRequest.Builder request =
      EnqueueRequest.newBuilder().setDuplicatePolicy(DuplicatePolicy.DUPLICATE_POLICY_RETURN_EXISTING);
  private Object payload;

  private NewTask() {}

  /** Makes a task for a queue, of a type on which workers route: {@code mail.send}. */
  public static NewTask of(String queue, String type) {
    NewTask made = new NewTask();
    made.task.setQueue(queue).setType(type);
    return made;
  }

  /** Makes a task with a payload. */
  public static NewTask of(String queue, String type, Object payload) {
    return of(queue, type).payload(payload);
  }

  /**
   * Sets what the handler gets: a record or any other value that Jackson writes, {@code byte[]}, or a message of Protobuf. Null: nothing.
   */
  public NewTask payload(Object payload) {
    this.payload = payload;
    return this;
  }

  /** Sets how long until the first attempt, by the server's clock. Not together with {@link #scheduleTime}. */
  public NewTask delay(Duration delay) {
    task.setDelay(Protos.duration(delay));
    return this;
  }

  /** Sets when the first attempt may begin. */
  public NewTask scheduleTime(Instant time) {
    task.setScheduleTime(Protos.timestamp(time));
    return this;
  }

  /** Sets the priority: the higher goes first, -1000 to 1000. */
  public NewTask priority(int priority) {
    task.setPriority(priority);
    return this;
  }

  /** Adds a header, which rides along unread. */
  public NewTask header(String name, String value) {
    task.putHeaders(name, value);
    return this;
  }

  /** Sets what ties together what belongs together. */
  public NewTask correlationId(String id) {
    task.setCorrelationId(id);
    return this;
  }

  /** Sets a key that at most one unfinished task of the queue has. */
  public NewTask deduplicationKey(String key) {
    task.setDeduplicationKey(key);
    return this;
  }

  /** Sets what a second task with the same deduplication key gets. Default: the first is returned. */
  public NewTask duplicatePolicy(DuplicatePolicy policy) {
    request.setDuplicatePolicy(policy);
    return this;
  }

  /** Sets how many attempts it has in all. */
  public NewTask maxAttempts(int attempts) {
    task.setMaxAttempts(attempts);
    return this;
  }

  /** Sets the delays between attempts. */
  public NewTask retryPolicy(RetryPolicy policy) {
    task.setRetryPolicy(policy);
    return this;
  }

  /** Sets how long one attempt may run. */
  public NewTask attemptTimeout(Duration timeout) {
    task.setAttemptTimeout(Protos.duration(timeout));
    return this;
  }

  /** Sets how long the task may wait to be begun, by the server's clock. Not together with {@link #expireTime}. */
  public NewTask timeToLive(Duration time) {
    task.setTimeToLive(Protos.duration(time));
    return this;
  }

  /** Sets the time after which the task is not begun any more. */
  public NewTask expireTime(Instant time) {
    task.setExpireTime(Protos.timestamp(time));
    return this;
  }

  /** Sets how a worker is chosen for this task, over the queue's own strategy. */
  public NewTask strategy(BalancingStrategy strategy) {
    request.setDispatch(dispatch().setStrategy(strategy));
    return this;
  }

  /** Sets the worker that gets its first attempt, if it takes it within a time. */
  public NewTask worker(String workerId, Duration wait) {
    request.setDispatch(dispatch().setWorkerId(workerId).setWorkerWait(Protos.duration(wait)));
    return this;
  }

  /** Sets an id that makes the enqueue safe to repeat, also by another process. Default: one of the client's own for each enqueue. */
  public NewTask requestId(String id) {
    request.setRequestId(id);
    return this;
  }

  private Dispatch.Builder dispatch() {
    return request.getDispatch().toBuilder();
  }

  /** Reports whether its request id is the client's own for this enqueue. */
  boolean hasOwnId() {
    return request.getRequestId().isEmpty();
  }

  /**
   * Makes the request for the task.
   *
   * @param path of the task in the call, for refusals
   */
  EnqueueRequest request(String service, Payloads payloads, String path) {
    Task.Builder sent = task.clone().setSourceService(service);
    if (payload != null) {
      try {
        sent.setPayload(payloads.encode(payload));
      } catch (PayloadException failure) {
        throw Errors.invalid(path + ".payload", failure.getMessage());
      }
    }
    EnqueueRequest.Builder made = request.clone().setTask(sent);
    if (made.getRequestId().isEmpty()) made.setRequestId(Ids.ofRequest());
    return made.build();
  }
}
