package com.sitq.client.orca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedInputStream;
import com.google.rpc.RetryInfo;
import com.sitq.client.NewTask;
import com.sitq.client.SitqClient;
import com.sitq.client.Worker;
import com.sitq.client.testing.SitqExtension;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SitqExtension.class)
@Timeout(120)
class LoadReportsTest {
  private static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final MethodDescriptor<byte[], byte[]> NAME = methodOf("test.Shop/Name");
  private static final MethodDescriptor<byte[], byte[]> CHECK = methodOf("grpc.health.v1.Health/Check");

  /** What a report says, by the published numbers of its fields. */
  private record Report(double utilization, double perSecond, double failedPerSecond) {
    static Report read(byte[] encoded) throws IOException {
      double[] fields = new double[10];
      CodedInputStream input = CodedInputStream.newInstance(encoded);
      for (int tag = input.readTag(); tag != 0; tag = input.readTag()) fields[tag >> 3] = input.readDouble();
      return new Report(fields[9], fields[6], fields[7]);
    }
  }

  /** How a call ended: its status and its report. */
  private record Ended(Status status, Report report) {}

  private static final class Bytes implements Marshaller<byte[]> {
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
  }

  private final List<Runnable> closing = new ArrayList<>();

  @AfterEach
  void close() {
    for (Runnable each : closing) each.run();
  }

  private static MethodDescriptor<byte[], byte[]> methodOf(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder().setType(MethodType.UNARY).setFullMethodName(name)
        .setRequestMarshaller(new Bytes()).setResponseMarshaller(new Bytes()).build();
  }

  /** Serves a method with reports, and returns a channel to it. */
  private Channel serve(LoadReports reports, Consumer<StreamObserver<byte[]>> handler) throws IOException {
    Server server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .intercept(reports.interceptor())
        .addService(reports.service())
        .addService(service(NAME, handler))
        .addService(service(CHECK, handler))
        .build()
        .start();
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + server.getPort(), InsecureChannelCredentials.create()).build();
    closing.add(channel::shutdownNow);
    closing.add(server::shutdownNow);
    return channel;
  }

  private static ServerServiceDefinition service(MethodDescriptor<byte[], byte[]> method, Consumer<StreamObserver<byte[]>> handler) {
    return ServerServiceDefinition.builder(method.getServiceName())
        .addMethod(method, ServerCalls.asyncUnaryCall((request, observer) -> handler.accept(observer)))
        .build();
  }

  private static void answer(StreamObserver<byte[]> observer) {
    observer.onNext(new byte[0]);
    observer.onCompleted();
  }

  /** Begins a call; its future is its end. */
  private static CompletableFuture<Ended> call(Channel channel, MethodDescriptor<byte[], byte[]> method) {
    CompletableFuture<Ended> ended = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<byte[]>() {
      @Override
      public void onClose(Status status, Metadata trailers) {
        byte[] encoded = trailers.get(TRAILER);
        try {
          ended.complete(new Ended(status, encoded == null ? null : Report.read(encoded)));
        } catch (IOException cause) {
          ended.completeExceptionally(cause);
        }
      }
    }, new Metadata());
    call.sendMessage(new byte[0]);
    call.halfClose();
    call.request(2);
    return ended;
  }

  private static Report outOfBand(Channel channel, int which) throws IOException {
    MethodDescriptor<RetryInfo, byte[]> method = MethodDescriptor.<RetryInfo, byte[]>newBuilder()
        .setType(MethodType.SERVER_STREAMING)
        .setFullMethodName("xds.service.orca.v3.OpenRcaService/StreamCoreMetrics")
        .setRequestMarshaller(ProtoUtils.marshaller(RetryInfo.getDefaultInstance()))
        .setResponseMarshaller(new Bytes())
        .build();
    // The report_interval has the number and the shape of this field.
    RetryInfo asOftenAsMayBe = RetryInfo.newBuilder().setRetryDelay(com.google.protobuf.Duration.getDefaultInstance()).build();
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    Iterator<byte[]> reports = ClientCalls.blockingServerStreamingCall(channel, method, options, asOftenAsMayBe);
    for (int passed = 0; passed < which; passed++) reports.next();
    return Report.read(reports.next());
  }

  @Test
  void theTasksOfAWorkerAreTheLoadOfItsProcess(SitqClient client) throws Exception {
    CountDownLatch begun = new CountDownLatch(3);
    CountDownLatch over = new CountDownLatch(1);
    try (Worker worker = client.worker("mail").capacity(10).handle("send", Object.class, (input, context) -> {
      begun.countDown();
      over.await();
      return null;
    }).start()) {
      Channel channel = serve(LoadReports.of(worker), LoadReportsTest::answer);
      assertEquals(new Report(0, 0, 0), outOfBand(channel, 0));
      for (int task = 0; task < 3; task++) client.enqueue(NewTask.of("mail", "send", "Ada"));
      begun.await();
      assertEquals(0.3, outOfBand(channel, 0).utilization(), 1e-9);
      assertEquals(0.3, outOfBand(channel, 1).utilization(), 1e-9);
      Ended ended = call(channel, NAME).join();
      assertTrue(ended.status().isOk());
      assertEquals(0.3, ended.report().utilization(), 0.05);
      assertTrue(ended.report().perSecond() > 0);
      over.countDown();
    }
  }

  @Test
  void callsAndWhatTheApplicationSaysAreTheLoadWithoutAWorker() throws Exception {
    AtomicInteger busy = new AtomicInteger(2);
    LoadReports reports = LoadReports.of(4, busy::get);
    SynchronousQueue<StreamObserver<byte[]>> begun = new SynchronousQueue<>();
    Channel channel = serve(reports, observer -> {
      try {
        begun.put(observer);
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
    });
    assertEquals(new Report(0.5, 0, 0), outOfBand(channel, 0));
    CompletableFuture<Ended> ended = call(channel, NAME);
    StreamObserver<byte[]> observer = begun.take();
    assertEquals(3, reports.load());
    answer(observer);
    assertTrue(ended.join().report().perSecond() > 0);
    assertEquals(2, reports.load());
    busy.set(-1);
    assertEquals(0, reports.load());
    assertEquals(0, LoadReports.of(4, () -> { throw new IllegalStateException("no"); }).load());
  }

  @Test
  void callsThatFailByTheServersFaultAreReportedAsErrors() throws Exception {
    AtomicInteger count = new AtomicInteger();
    LoadReports reports = LoadReports.of(10);
    Channel channel = serve(reports, observer -> {
      switch (count.getAndIncrement()) {
        case 0 -> observer.onError(Status.NOT_FOUND.asRuntimeException());
        case 1 -> observer.onError(Status.INTERNAL.asRuntimeException());
        case 2 -> throw new IllegalStateException("no");
        default -> answer(observer);
      }
    });
    List<Report> reported = new ArrayList<>();
    for (int call = 0; call < 4; call++) {
      Ended ended = call(channel, NAME).join();
      // gRPC ends a call that throws by itself, without a report.
      if (ended.report() != null) reported.add(ended.report());
    }
    assertEquals(3, reported.size());
    assertEquals(0, reported.get(0).failedPerSecond());
    assertTrue(reported.get(1).failedPerSecond() > 0.49 * reported.get(1).perSecond(), reported::toString);
    // Two of the three calls before the last one: more than half of them, however long ago the first ones were.
    assertTrue(reported.get(2).failedPerSecond() > 0.6 * (reported.get(2).perSecond() - 0.2), reported::toString);
    assertEquals(0, reports.load());
  }

  @Test
  void healthChecksAreNoCalls() throws Exception {
    Channel channel = serve(LoadReports.of(10), LoadReportsTest::answer);
    assertNull(call(channel, CHECK).join().report());
    assertEquals(0, outOfBand(channel, 0).perSecond());
  }

  @Test
  void theMeansAreThoseOfTheLastSeconds() {
    AtomicLong nanos = new AtomicLong();
    CallMeter meter = new CallMeter(nanos::get);
    for (int call = 0; call < 6_000; call++) {
      meter.begin();
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(2));
      meter.end(call >= 3_000);
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(8));
    }
    assertEquals(0.2, meter.read().underWay(), 0.01);
    assertEquals(100, meter.read().perSecond(), 0.5);
    assertEquals(100, meter.read().failedPerSecond(), 0.5);
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
    assertEquals(0, meter.read().perSecond(), 0.001);
    assertEquals(0, meter.read().underWay(), 0.001);
  }

  @Test
  void aCapacityOfNothingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> LoadReports.of(0));
  }
}
