package com.sitq.client;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a worker works on, and how.
 *
 * <p>The input of a handler is a record or another class that Jackson reads, {@code byte[]}, a message of Protobuf, {@code Object} for
 * whatever comes, or {@code Void} for nothing. A payload that it cannot hold fails its task for good and names the field.
 */
public final class WorkerBuilder {
  final SitqClient client;
  final List<String> queues = new ArrayList<>();
  final Map<String, Registered> handlers = new HashMap<>();
  final Map<String, String> metadata = new HashMap<>();
  Registered other;
  int capacity = 10;
  String id;
  String service;
  String address = "";
  int weight;
  Duration grace = Duration.ofSeconds(30);
  Executor executor;
  boolean isStoppedOnShutdown;
  Runnable onConnect = () -> {};
  Consumer<SitqException> onDisconnect = failure -> {};

  WorkerBuilder(SitqClient client, String queue) {
    this.client = client;
    this.service = client.service();
    this.queues.add(queue);
  }

  /** Adds another queue. */
  public WorkerBuilder queue(String queue) {
    queues.add(queue);
    return this;
  }

  /** Sets how many handlers run at a time: 1 to 10,000. Default 10. */
  public WorkerBuilder capacity(int capacity) {
    if (capacity < 1 || capacity > 10_000) throw Errors.invalid("capacity", capacity + "; it must be 1 to 10,000");
    this.capacity = capacity;
    return this;
  }

  /** Sets the worker's name, which no other process has. Default: made of the service or the host, the process and a random part. */
  public WorkerBuilder id(String id) {
    this.id = id;
    return this;
  }

  /** Sets the worker's service. Default: the client's. */
  public WorkerBuilder service(String service) {
    this.service = service;
    return this;
  }

  /** Sets where the worker can be called, as an instance of its service: {@code host:port}. Default: nowhere. */
  public WorkerBuilder address(String address) {
    this.address = address;
    return this;
  }

  /** Sets the worker's share under WEIGHTED. Default: its capacity. */
  public WorkerBuilder weight(int weight) {
    this.weight = weight;
    return this;
  }

  /** Adds another fact about the worker: version, zone. */
  public WorkerBuilder metadata(String name, String value) {
    metadata.put(name, value);
    return this;
  }

  /** Sets how long handlers may go on when the worker stops. Default 30 s. */
  public WorkerBuilder grace(Duration grace) {
    this.grace = grace;
    return this;
  }

  /** Sets what runs handlers, and is not shut down. Default: virtual threads from Java 21, else a pool of platform threads. */
  public WorkerBuilder executor(Executor executor) {
    this.executor = executor;
    return this;
  }

  /** Stops the worker when the process gets SIGTERM or SIGINT, and keeps the process until it has drained. */
  public WorkerBuilder stopOnShutdown() {
    this.isStoppedOnShutdown = true;
    return this;
  }

  /** Sets what is called when the server has welcomed the worker: the first time, and after every reconnect. */
  public WorkerBuilder onConnect(Runnable action) {
    this.onConnect = action;
    return this;
  }

  /** Sets what is called when a stream has ended, with why. */
  public WorkerBuilder onDisconnect(Consumer<SitqException> action) {
    this.onDisconnect = action;
    return this;
  }

  /** Sets the handler of a task type. */
  public <I, O> WorkerBuilder handle(String type, Class<I> input, Handler<I, O> handler) {
    return add(type, Registered.of(javaType(input), handler));
  }

  /** Sets the handler of a task type, with an input such as {@code List<String>}. */
  public <I, O> WorkerBuilder handle(String type, TypeReference<I> input, Handler<I, O> handler) {
    return add(type, Registered.of(client.payloads().type(input), handler));
  }

  /** Sets the handler of a task type, which returns a future. */
  public <I, O> WorkerBuilder handleAsync(String type, Class<I> input, AsyncHandler<I, O> handler) {
    return add(type, Registered.ofAsync(javaType(input), handler));
  }

  /** Sets the handler of a task type, which returns a future, with an input such as {@code List<String>}. */
  public <I, O> WorkerBuilder handleAsync(String type, TypeReference<I> input, AsyncHandler<I, O> handler) {
    return add(type, Registered.ofAsync(client.payloads().type(input), handler));
  }

  /** Sets the handler of all types that have none. Without one, the worker is not offered other types. */
  public <I, O> WorkerBuilder handleOther(Class<I> input, Handler<I, O> handler) {
    other = Registered.of(javaType(input), handler);
    return this;
  }

  private JavaType javaType(Class<?> type) {
    return client.payloads().type(type);
  }

  private WorkerBuilder add(String type, Registered handler) {
    if (handlers.putIfAbsent(type, handler) != null) {
      throw new IllegalArgumentException("the task type " + type + " has two handlers");
    }
    return this;
  }

  /** Starts the worker, and returns at once: {@link Worker#connected} says when it takes tasks. */
  public Worker start() {
    if (handlers.isEmpty() && other == null) throw new IllegalStateException("the worker has no handler");
    Worker worker = new Worker(this);
    worker.start();
    return worker;
  }
}
