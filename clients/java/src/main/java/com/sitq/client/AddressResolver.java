package com.sitq.client;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Resolves several addresses in their order, each as gRPC resolves one, so that a call goes to the first that can be reached. The
 * certificate of each has to be for the host of its own address.
 */
final class AddressResolver extends NameResolver {
  private static final String SCHEME = "sitq-addresses";
  /** What a channel with the provider connects to. */
  static final String TARGET = SCHEME + ":///";

  private final String authority;
  private final boolean hasServerName;
  private final Args args;
  private final List<NameResolver> each = new ArrayList<>();
  /** What became of each; null: it is not known yet. */
  private final List<StatusOr<List<EquivalentAddressGroup>>> found = new ArrayList<>();
  private Listener2 listener;

  private AddressResolver(List<String> addresses, boolean hasServerName, Args args) {
    this.authority = addresses.get(0);
    this.hasServerName = hasServerName;
    this.args = args;
    NameResolver.Factory factory = NameResolverRegistry.getDefaultRegistry().asFactory();
    for (String address : addresses) {
      each.add(factory.newNameResolver(uri(address), args));
      found.add(null);
    }
  }

  /** Makes the provider of a channel. */
  static NameResolverProvider provider(List<String> addresses, boolean hasServerName) {
    return new Provider(addresses, hasServerName);
  }

  private static URI uri(String address) {
    try {
      return Address.isTarget(address) ? new URI(address) : new URI("dns", "", "/" + address, null);
    } catch (URISyntaxException notUsable) {
      throw Errors.invalid("address", "\"" + address + "\": " + notUsable.getMessage());
    }
  }

  @Override
  public String getServiceAuthority() {
    return authority;
  }

  @Override
  public void start(Listener2 listener) {
    this.listener = listener;
    for (int place = 0; place < each.size(); place++) each.get(place).start(new Part(place));
  }

  @Override
  public void refresh() {
    for (NameResolver one : each) one.refresh();
  }

  @Override
  public void shutdown() {
    for (NameResolver one : each) one.shutdown();
  }

  /** Answers once something is known of each: with those that are found, or why none is. */
  private void answer() {
    if (found.contains(null)) return;
    List<EquivalentAddressGroup> all = new ArrayList<>();
    Status failure = Status.UNAVAILABLE;
    for (StatusOr<List<EquivalentAddressGroup>> one : found) {
      if (one.hasValue()) all.addAll(one.getValue());
      else failure = one.getStatus();
    }
    listener.onResult2(ResolutionResult.newBuilder()
        .setAddressesOrError(all.isEmpty() ? StatusOr.fromStatus(failure) : StatusOr.fromValue(all))
        .build());
  }

  /** What one address resolves to. */
  private final class Part extends Listener2 {
    private final int place;

    Part(int place) {
      this.place = place;
    }

    @Override
    public void onResult(ResolutionResult result) {
      set(result.getAddressesOrError());
    }

    @Override
    public void onError(Status failure) {
      set(StatusOr.fromStatus(failure));
    }

    private void set(StatusOr<List<EquivalentAddressGroup>> result) {
      args.getSynchronizationContext().execute(() -> {
        found.set(place, result.hasValue() ? StatusOr.fromValue(named(result.getValue())) : result);
        answer();
      });
    }

    private List<EquivalentAddressGroup> named(List<EquivalentAddressGroup> groups) {
      if (hasServerName) return groups;
      String name = each.get(place).getServiceAuthority();
      return groups.stream()
          .map(group -> {
            Attributes attributes = group.getAttributes().toBuilder()
                .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, name)
                .build();
            return new EquivalentAddressGroup(group.getAddresses(), attributes);
          })
          .toList();
    }
  }

  private static final class Provider extends NameResolverProvider {
    private final List<String> addresses;
    private final boolean hasServerName;

    Provider(List<String> addresses, boolean hasServerName) {
      this.addresses = addresses;
      this.hasServerName = hasServerName;
    }

    @Override
    public NameResolver newNameResolver(URI target, Args args) {
      return new AddressResolver(addresses, hasServerName, args);
    }

    @Override
    public String getDefaultScheme() {
      return SCHEME;
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }

    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
      return Set.of(InetSocketAddress.class);
    }
  }
}
