package com.sitq.client.orca;

import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import com.sitq.client.Worker;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Reports the load of a gRPC server to its clients, at the end of each call and out of band (ORCA,
 * <a href="https://github.com/grpc/proposal/blob/master/A51-custom-backend-metrics.md">gRFC A51</a>). Clients with client-side weighted
 * round robin (A58) call the instances that have most room by it.
 *
 * <pre>{@code
 * LoadReports reports = LoadReports.of(50);
 * Server server = ServerBuilder.forPort(8080).intercept(reports.interceptor()).addService(reports.service()).build();
 * }</pre>
 *
 * Each report has {@code application_utilization}, the share of the capacity that is taken: by tasks, or what the application says, and by
 * calls as a mean over about five seconds; and {@code rps_fractional} and {@code eps}, how many calls began and failed by the server's
 * fault in a second. Calls of gRPC's own services, such as health checks, do not count.
 */
public final class LoadReports {
  private static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final String SERVICE = "xds.service.orca.v3.OpenRcaService";
  /** From one report out of band to the next where the client does not say, at least and at most. */
  private static final long INTERVAL_MS = 10_000;
  private static final long LEAST_INTERVAL_MS = 1_000;
  private static final long MOST_INTERVAL_MS = 3_600_000;
  /** By these the server is to blame, or another instance might have done better. */
  private static final Set<Code> FAILURES = EnumSet.of(Code.UNKNOWN, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED,
      Code.UNIMPLEMENTED, Code.INTERNAL, Code.UNAVAILABLE, Code.DATA_LOSS);
  /** One thread for the reports out of band of all servers: each takes microseconds. */
  private static final ScheduledExecutorService TIMER = newTimer();

  private final int capacity;
  private final IntSupplier busyWith;
  private final CallMeter calls = new CallMeter(System::nanoTime);

  private LoadReports(int capacity, IntSupplier busyWith) {
    if (capacity < 1) throw new IllegalArgumentException("capacity is " + capacity + "; it must be above 0");
    this.capacity = capacity;
    this.busyWith = busyWith;
  }

  private static ScheduledExecutorService newTimer() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, run -> {
      Thread thread = new Thread(run, "sitq-load-reports");
      thread.setDaemon(true);
      return thread;
    });
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  /** Returns the reports of a process with a worker: its tasks count, and the capacity is its own. */
  public static LoadReports of(Worker worker) {
    return new LoadReports(worker.capacity(), worker::running);
  }

  /**
   * Returns the reports of a process whose calls alone count.
   *
   * @param capacity how many it takes at a time, as it is registered
   */
  public static LoadReports of(int capacity) {
    return new LoadReports(capacity, () -> 0);
  }

  /**
   * Returns the reports of a process that has other work beside its calls.
   *
   * @param capacity how many calls it takes at a time, as it is registered
   * @param busyWith returns what else it is busy with, in calls; below 0 counts as 0
   */
  public static LoadReports of(int capacity, IntSupplier busyWith) {
    return new LoadReports(capacity, busyWith);
  }

  /** Returns what the process has in hand now: calls, tasks, or what the application says. */
  public int load() {
    return busy() + calls.underWay();
  }

  /** Returns the interceptor that counts the calls of a server, and reports at the end of each. */
  public ServerInterceptor interceptor() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        // What gRPC and xDS ask for by themselves is not work: health checks, reflection, these reports.
        if (method.startsWith("grpc.") || method.startsWith("xds.")) return next.startCall(call, headers);
        return measured(call, headers, next);
      }
    };
  }

  private <Q, A> ServerCall.Listener<Q> measured(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    AtomicBoolean isOver = new AtomicBoolean();
    calls.begin();
    ServerCall<Q, A> reporting = new SimpleForwardingServerCall<>(call) {
      @Override
      public void close(Status status, Metadata trailers) {
        end(isOver, FAILURES.contains(status.getCode()));
        trailers.put(TRAILER, report());
        super.close(status, trailers);
      }
    };
    ServerCall.Listener<Q> listener = orFail(isOver, () -> next.startCall(reporting, headers));
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        orFail(isOver, () -> {
          super.onMessage(message);
          return null;
        });
      }

      @Override
      public void onHalfClose() {
        orFail(isOver, () -> {
          super.onHalfClose();
          return null;
        });
      }

      @Override
      public void onCancel() {
        end(isOver, false);
        super.onCancel();
      }
    };
  }

  /** Runs a part of a handler; by what it throws gRPC ends the call, without close. */
  private <T> T orFail(AtomicBoolean isOver, Supplier<T> part) {
    try {
      return part.get();
    } catch (RuntimeException | Error thrown) {
      end(isOver, true);
      throw thrown;
    }
  }

  private void end(AtomicBoolean isOver, boolean hasFailed) {
    if (isOver.compareAndSet(false, true)) calls.end(hasFailed);
  }

  /** Returns {@code xds.service.orca.v3.OpenRcaService}, which reports out of band to clients that ask for it. */
  public ServerServiceDefinition service() {
    MethodDescriptor<RetryInfo, byte[]> method = MethodDescriptor.<RetryInfo, byte[]>newBuilder()
        .setType(MethodType.SERVER_STREAMING)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "StreamCoreMetrics"))
        // The request has the shape of RetryInfo: a Duration with the number 1.
        .setRequestMarshaller(ProtoUtils.marshaller(RetryInfo.getDefaultInstance()))
        .setResponseMarshaller(BYTES)
        .build();
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(method, ServerCalls.asyncServerStreamingCall(this::stream))
        .build();
  }

  /** Reports at once, and again after each interval, as long as the client is there. */
  private void stream(RetryInfo request, StreamObserver<byte[]> responses) {
    ServerCallStreamObserver<byte[]> observer = (ServerCallStreamObserver<byte[]>) responses;
    long askedMs = request.hasRetryDelay() ? toMillis(request.getRetryDelay()) : INTERVAL_MS;
    long intervalMs = Math.min(Math.max(askedMs, LEAST_INTERVAL_MS), MOST_INTERVAL_MS);
    observer.onNext(report());
    Future<?> reporting = TIMER.scheduleAtFixedRate(() -> {
      // One that does not read gets the newest when it does.
      if (observer.isReady()) observer.onNext(report());
    }, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
    observer.setOnCancelHandler(() -> reporting.cancel(false));
  }

  private static long toMillis(Duration duration) {
    return TimeUnit.SECONDS.toMillis(duration.getSeconds()) + duration.getNanos() / 1_000_000;
  }

  /** The encoding of an {@code xds.data.orca.v3.OrcaLoadReport}: three numbers. */
  private byte[] report() {
    CallMeter.Rates rates = calls.read();
    return ByteBuffer.allocate(27).order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) (6 << 3 | 1)).putDouble(rates.perSecond())
        .put((byte) (7 << 3 | 1)).putDouble(rates.failedPerSecond())
        .put((byte) (9 << 3 | 1)).putDouble((busy() + rates.underWay()) / capacity)
        .array();
  }

  private int busy() {
    try {
      return Math.max(0, busyWith.getAsInt());
    } catch (RuntimeException ignored) {
      // The calls whose report it is for are not to fail by it.
      return 0;
    }
  }

  private static final Marshaller<byte[]> BYTES = new Marshaller<>() {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException cause) {
        throw new UncheckedIOException(cause);
      }
    }
  };
}
