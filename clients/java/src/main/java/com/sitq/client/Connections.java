package com.sitq.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Carries the calls of a client. Calls that stay open (streams, and what is answered late) have connections of their own, so that short
 * ones never wait behind them.
 */
final class Connections extends Channel {
  /** The server bounds the open calls of a connection at 150. */
  private static final int HELD_PER_CONNECTION = 75;
  /** Methods with one answer, which may come much later. */
  private static final Set<String> LATE_ANSWERS = Set.of("AwaitTask", "ClaimTasks", "CheckHealth");

  private final String address;
  private final ChannelCredentials credentials;
  private final String serverName;
  private final Bearer token;
  private final ScheduledExecutorService timer;
  private final ManagedChannel brief;
  private final List<Held> held = new ArrayList<>();

  /** A connection of calls that stay open. */
  private static final class Held {
    final ManagedChannel channel;
    int calls;

    Held(ManagedChannel channel) {
      this.channel = channel;
    }
  }

  Connections(
      String address, ChannelCredentials credentials, String serverName, Bearer token, ScheduledExecutorService timer) {
    this.address = address;
    this.credentials = credentials;
    this.serverName = serverName;
    this.token = token;
    this.timer = timer;
    this.brief = dial();
    boundBackoff(brief);
  }

  /** Makes a connection, which is opened with its first call. */
  ManagedChannel dial() {
    ManagedChannelBuilder<?> builder = Grpc.newChannelBuilder(address, credentials)
        .userAgent("sitq-java")
        // A connection that is dead but not closed is found within 15 s.
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS);
    if (serverName != null) builder.overrideAuthority(serverName);
    return builder.build();
  }

  /** Adds the token to the options of a call. */
  CallOptions withToken(CallOptions options) {
    return token == null || options.getCredentials() != null ? options : options.withCallCredentials(token);
  }

  /** Keeps a channel from waiting for up to two minutes between tries to connect, which is gRPC's own bound and outlives the leases. */
  private void boundBackoff(ManagedChannel channel) {
    follow(channel, Backoff.ofConnections());
  }

  private void follow(ManagedChannel channel, Backoff delays) {
    ConnectivityState state = channel.getState(false);
    if (state == ConnectivityState.SHUTDOWN) return;
    if (state == ConnectivityState.READY) delays.reset();
    if (state == ConnectivityState.TRANSIENT_FAILURE) {
      timer.schedule(channel::resetConnectBackoff, delays.next(Duration.ZERO), TimeUnit.NANOSECONDS);
    }
    channel.notifyWhenStateChanged(state, () -> follow(channel, delays));
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    CallOptions carried = withToken(options);
    boolean isHeld = method.getType() == MethodDescriptor.MethodType.UNARY
        ? LATE_ANSWERS.contains(method.getBareMethodName())
        // The stream of enqueues is one in all: it goes beside the short calls.
        : !"EnqueueStream".equals(method.getBareMethodName());
    if (!isHeld) return brief.newCall(method, carried);
    Held place = take();
    return new SimpleForwardingClientCall<>(place.channel.newCall(method, carried)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(new SimpleForwardingClientCallListener<>(listener) {
          @Override
          public void onClose(Status status, Metadata trailers) {
            giveBack(place);
            super.onClose(status, trailers);
          }
        }, headers);
      }
    };
  }

  @Override
  public String authority() {
    return brief.authority();
  }

  private synchronized Held take() {
    for (Held each : held) {
      if (each.calls < HELD_PER_CONNECTION) {
        each.calls++;
        return each;
      }
    }
    Held made = new Held(dial());
    made.calls = 1;
    held.add(made);
    boundBackoff(made.channel);
    return made;
  }

  private synchronized void giveBack(Held place) {
    place.calls--;
  }

  synchronized void close() {
    brief.shutdownNow();
    for (Held each : held) each.channel.shutdownNow();
  }
}
