package com.sitq.interop;

import com.google.gson.Gson;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Calls services by grpc-java's xDS, for interop/README.md. */
public final class Program {
  private static final Metadata.Key<String> INSTANCE_ID = key("instance-id");

  private Program() {}

  /** What a line of standard input asks for. */
  private record Command(
      String target, int calls, int concurrency, int deadline_ms, Map<String, String> headers) {}

  /** What the calls of a command came to. */
  private record Outcome(Map<String, Integer> answers, Map<String, Integer> failures, List<String> messages) {}

  /** Reads commands until the end of standard input. */
  public static void main(String[] args) throws Exception {
    var gson = new Gson();
    var channels = new HashMap<String, ManagedChannel>();
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      var asked = gson.fromJson(line, Command.class);
      var channel = channels.computeIfAbsent(asked.target(), Program::open);
      System.out.println(gson.toJson(callAll(channel, asked)));
    }
    channels.values().forEach(ManagedChannel::shutdownNow);
  }

  /** Makes the channel of a target: xds:///SERVICE. */
  private static ManagedChannel open(String target) {
    var channel = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create()).build();
    return channel;
  }

  /** Makes the calls of a command, as many at a time as it says. */
  private static Outcome callAll(Channel channel, Command asked) throws Exception {
    var outcome = new Outcome(new HashMap<>(), new HashMap<>(), new ArrayList<>());
    var left = new AtomicInteger(asked.calls());
    Callable<Void> lane = () -> {
      while (left.getAndDecrement() > 0) {
        try {
          var instance = call(channel, asked);
          synchronized (outcome) {
            outcome.answers().merge(instance, 1, Integer::sum);
          }
        } catch (StatusRuntimeException e) {
          synchronized (outcome) {
            outcome.failures().merge(e.getStatus().getCode().name(), 1, Integer::sum);
            if (outcome.messages().size() < 3) {
              outcome.messages().add(String.valueOf(e.getStatus().getDescription()));
            }
          }
        }
      }
      return null;
    };
    ExecutorService lanes = Executors.newFixedThreadPool(asked.concurrency());
    try {
      for (var ended : lanes.invokeAll(Collections.nCopies(asked.concurrency(), lane))) {
        ended.get();
      }
    } finally {
      lanes.shutdownNow();
    }
    return outcome;
  }

  /** Makes one call and returns the instance that answered. */
  private static String call(Channel bare, Command asked) {
    var headers = new Metadata();
    asked.headers().forEach((name, value) -> headers.put(key(name), value));
    var received = new AtomicReference<Metadata>();
    var channel = ClientInterceptors.intercept(bare,
        MetadataUtils.newAttachHeadersInterceptor(headers),
        MetadataUtils.newCaptureMetadataInterceptor(received, new AtomicReference<>()));
    var deadline = Duration.ofMillis(asked.deadline_ms());
    var stub = HealthGrpc.newBlockingStub(channel);
    var answer = stub.withDeadlineAfter(deadline).check(HealthCheckRequest.getDefaultInstance());
    return received.get().get(INSTANCE_ID);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
