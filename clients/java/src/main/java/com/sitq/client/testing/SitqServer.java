package com.sitq.client.testing;

import com.sitq.client.ConnectOptions;
import com.sitq.client.SitqClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real server in a process of its own, for tests. The program is that of SITQ_BIN, or the {@code sitq} on the PATH.
 *
 * <p>{@link SitqExtension} starts one for the tests of JUnit; this is for other frameworks, and for what happens to servers.
 */
public final class SitqServer implements AutoCloseable {
  private static final Pattern LISTENS = Pattern.compile("listens on\\s+(\\S+)");
  private static final int LOG_LINES = 200;

  private final List<String> args;
  private final Path directory;
  private final Deque<String> log = new ArrayDeque<>();
  /** Leaves no server behind where tests end without {@link #close}. */
  private final Thread shutdownHook = new Thread(this::close, "sitq-server-close");

  private String address = "127.0.0.1:0";
  private Process process;

  private SitqServer(Path directory, List<String> args) {
    this.directory = directory;
    this.args = List.copyOf(args);
  }

  /**
   * Starts a server on a free port of 127.0.0.1 with a database of its own, which {@link #close} deletes.
   *
   * @param args further arguments of {@code sitq serve}
   */
  public static SitqServer start(String... args) {
    try {
      SitqServer server = new SitqServer(Files.createTempDirectory("sitq-java-"), List.of(args));
      Runtime.getRuntime().addShutdownHook(server.shutdownHook);
      server.launch();
      return server;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Returns where it listens: {@code 127.0.0.1:40123}. */
  public String address() {
    return address;
  }

  /** Returns a directory of its own, for files of the test. */
  public Path directory() {
    return directory;
  }

  /** Makes a client of it, of the service {@code test}. */
  public SitqClient connect() {
    return SitqClient.connect(options());
  }

  /** Makes the options of a client of it, to be changed. */
  public ConnectOptions options() {
    return new ConnectOptions().address(address).service("test").plaintext();
  }

  /** Ends it at once, as a crash does. */
  public void kill() {
    if (process == null) return;
    process.destroyForcibly();
    awaitEnd();
  }

  /** Ends it in order, and waits for it. */
  public void stop() {
    process.destroy();
    awaitEnd();
  }

  /** Starts it again after {@link #kill} or {@link #stop}, on the same address and the same database. */
  public void restart() {
    try {
      launch();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Kills it and deletes its directory. */
  @Override
  public void close() {
    kill();
    if (Thread.currentThread() != shutdownHook) removeShutdownHook();
    if (!Files.exists(directory)) return;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void removeShutdownHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException ending) {
      // The hook runs, and finds nothing left to do.
    }
  }

  private void awaitEnd() {
    try {
      process.waitFor();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }

  private void launch() throws IOException {
    List<String> command = new ArrayList<>(List.of(program(), "serve", "--listen", address));
    command.addAll(List.of("--db", directory.resolve("sitq.db").toString()));
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("SITQ_"));
    process = builder.start();
    CompletableFuture<String> listening = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(process, listening), "sitq-server-log");
    reader.setDaemon(true);
    reader.start();
    try {
      address = listening.get(1, TimeUnit.MINUTES);
    } catch (TimeoutException late) {
      kill();
      throw new IOException("the server did not listen within a minute:\n" + log(), late);
    } catch (ExecutionException ended) {
      throw new IOException("the server ended before it listened:\n" + log(), ended);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      kill();
      throw new IOException("interrupted", interrupt);
    }
  }

  private void read(Process from, CompletableFuture<String> listening) {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (log) {
          log.add(line);
          if (log.size() > LOG_LINES) log.remove();
        }
        Matcher found = LISTENS.matcher(line);
        if (found.find()) listening.complete(found.group(1));
      }
    } catch (IOException ended) {
      // Its end is what counts.
      listening.completeExceptionally(ended);
    }
    listening.completeExceptionally(new IOException("it has ended"));
  }

  /** Returns the last lines that it logged. */
  public String log() {
    synchronized (log) {
      return String.join("\n", log);
    }
  }

  private static String program() throws IOException {
    Map<String, String> environment = System.getenv();
    String named = environment.getOrDefault("SITQ_BIN", "");
    if (!named.isEmpty()) return named;
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(environment.getOrDefault("PATH", ""))
        .map(each -> Path.of(each, "sitq"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IOException("there is no sitq: install it, or set SITQ_BIN to the program"))
        .toString();
  }
}
