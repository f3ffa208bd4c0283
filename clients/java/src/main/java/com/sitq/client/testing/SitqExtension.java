package com.sitq.client.testing;

import com.sitq.client.SitqClient;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts a real server for a class of tests, and gives its methods a {@link SitqServer} and a {@link SitqClient} as parameters.
 *
 * <pre>{@code
 * @ExtendWith(SitqExtension.class)
 * class OrdersTest {
 *   @Test
 *   void ships(SitqClient client) { ... }
 * }
 * }</pre>
 *
 * <p>With arguments of {@code sitq serve}: {@code @RegisterExtension static SitqExtension sitq = new SitqExtension("--log-level", "debug")}.
 * Each test has a client of its own, which is closed behind it. Tests share the server: give each a queue of its own.
 */
public final class SitqExtension implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, ParameterResolver {
  private static final String CLIENT = "client";

  private final String[] args;
  private SitqServer server;
  /** The context of the class that started it: nested classes share its server. */
  private String owner;

  /** Starts servers without further arguments. */
  public SitqExtension() {
    this(new String[0]);
  }

  /** Starts servers with further arguments of {@code sitq serve}. */
  public SitqExtension(String... args) {
    this.args = args.clone();
  }

  /** Returns the server of the running class. */
  public SitqServer server() {
    return server;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (server != null) return;
    server = SitqServer.start(args);
    owner = context.getUniqueId();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (server == null || !context.getUniqueId().equals(owner)) return;
    server.close();
    server = null;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    SitqClient client = store(context).remove(CLIENT, SitqClient.class);
    if (client != null) client.close();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    // Those of a constructor or @BeforeAll belong to no test that would close a client.
    return type == SitqServer.class || (type == SitqClient.class && context.getTestMethod().isPresent());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (parameter.getParameter().getType() == SitqServer.class) return server;
    return store(context).getOrComputeIfAbsent(CLIENT, key -> server.connect(), SitqClient.class);
  }

  private ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(ExtensionContext.Namespace.create(this, context.getUniqueId()));
  }
}
