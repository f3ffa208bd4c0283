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
 * ones never wait behind them. With several servers a call goes to the first that can be reached; one that stops, does not answer or
 * cannot store is put last for further calls.
 */
final class Connections extends Channel {
  /** The server bounds the open calls of a connection at 150. */
  private static final int HELD_PER_CONNECTION = 75;
  /** Methods with one answer, which may come much later. */
  private static final Set<String> LATE_ANSWERS = Set.of("AwaitTask", "ClaimTasks", "CheckHealth");

  /** What servers say that are of no use for now, though others may be. */
  private static final Set<String> ILL = Set.of(
      Reason.DRAINING.name(),
      Reason.STORE_FAILED.name(),
      Reason.STORE_UNREACHABLE.name(),
      Reason.TOO_MANY_CONNECTIONS.name());
  /** After a silence a younger connection is tried again. */
  private static final long NEW_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final List<String> addresses;
  private final ChannelCredentials credentials;
  private final String serverName;
  private final Bearer token;
  private final ScheduledExecutorService timer;
  private final Rotation rotation;
  private final List<Lines> left = new ArrayList<>();
  private volatile Lines lines;

  /** The connections to the servers in one order. */
  private final class Lines {
    final long since = System.nanoTime();
    final ManagedChannel brief = dialAll();
    final List<Held> held = new ArrayList<>();
  }

  /** A connection of calls that stay open. */
  private static final class Held {
    final ManagedChannel channel;
    int calls;

    Held(ManagedChannel channel) {
      this.channel = channel;
    }
  }

  Connections(
      List<String> addresses, ChannelCredentials credentials, String serverName, Bearer token, ScheduledExecutorService timer) {
    this.addresses = addresses;
    this.credentials = credentials;
    this.serverName = serverName;
    this.token = token;
    this.timer = timer;
    this.rotation = new Rotation(addresses);
    this.lines = new Lines();
  }

  List<String> addresses() {
    return addresses;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /** Makes a connection to one server, which is opened with its first call. */
  ManagedChannel dial(String address) {
    return made(Grpc.newChannelBuilder(address, credentials));
  }

  /** Makes a connection to the first server that can be reached. */
  @SuppressWarnings("deprecation") // A resolver for this channel alone: the registry is that of the whole program.
  private ManagedChannel dialAll() {
    ManagedChannel made = addresses.size() == 1
        ? dial(addresses.get(0))
        : made(Grpc.newChannelBuilder(AddressResolver.TARGET, credentials)
            .nameResolverFactory(AddressResolver.provider(rotation.order(), serverName != null)));
    boundBackoff(made);
    return made;
  }

  private ManagedChannel made(ManagedChannelBuilder<?> builder) {
    builder
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
    Lines used = lines;
    Held place = isHeld ? take(used) : null;
    Channel channel = isHeld ? place.channel : used.brief;
    if (!isHeld && addresses.size() == 1) return channel.newCall(method, carried);
    return new SimpleForwardingClientCall<>(channel.newCall(method, carried)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(new SimpleForwardingClientCallListener<>(listener) {
          @Override
          public void onClose(Status status, Metadata trailers) {
            if (place != null) giveBack(place);
            if (!status.isOk()) failed(used, Errors.from(status.asRuntimeException(trailers)));
            super.onClose(status, trailers);
          }
        }, headers);
      }
    };
  }

  /** Returns what changes when another server is taken, for {@link #failed(Object, SitqException)}. */
  Object lines() {
    return lines;
  }

  /** Takes in that a call failed: a server that is of no use any more is put last for the next calls. */
  synchronized void failed(Object used, SitqException failure) {
    if (addresses.size() == 1 || used != lines || !isServersFault(failure)) return;
    for (Held each : lines.held) each.channel.shutdown();
    lines.brief.shutdown();
    left.removeIf(each -> each.brief.isTerminated() && each.held.stream().allMatch(one -> one.channel.isTerminated()));
    left.add(lines);
    rotation.leave();
    lines = new Lines();
  }

  private boolean isServersFault(SitqException failure) {
    if (failure.hadNoRoom) return false;
    if (ILL.contains(failure.reason())) return true;
    if (failure.code() == Status.Code.DEADLINE_EXCEEDED) return System.nanoTime() - lines.since >= NEW_NANOS;
    return failure.code() == Status.Code.UNAVAILABLE && failure.reason().isEmpty() && !Bearer.isFailure(failure);
  }

  @Override
  public String authority() {
    return lines.brief.authority();
  }

  private synchronized Held take(Lines used) {
    for (Held each : used.held) {
      if (each.calls < HELD_PER_CONNECTION) {
        each.calls++;
        return each;
      }
    }
    Held made = new Held(dialAll());
    made.calls = 1;
    used.held.add(made);
    return made;
  }

  private synchronized void giveBack(Held place) {
    place.calls--;
  }

  synchronized void close() {
    left.add(lines);
    for (Lines each : left) {
      each.brief.shutdownNow();
      for (Held one : each.held) one.channel.shutdownNow();
    }
  }
}
