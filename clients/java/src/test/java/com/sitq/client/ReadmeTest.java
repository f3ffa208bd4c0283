package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sitq.client.testing.SitqServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the examples of README.md, and compares what they print with what it says. */
@Timeout(180)
class ReadmeTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("^## ([^\n]+)|^```java\n(.*?)^```\n\n(?:It prints ((?:`[^`]*`|[^`.])*)\\.)?", Pattern.MULTILINE | Pattern.DOTALL);
  private static final String IMPORTS = Stream.of(
      "com.fasterxml.jackson.annotation.JsonProperty", "com.sitq.client.*", "com.sitq.client.orca.*", "com.sitq.client.testing.*", "com.sitq.v1.CreateSubscriptionRequest",
      "com.sitq.v1.Event", "com.sitq.v1.EventFilter", "com.sitq.v1.EventServiceGrpc", "com.sitq.v1.EventStart",
      "com.sitq.v1.PublishRequest", "com.sitq.v1.Subscription", "io.grpc.Server", "io.grpc.ServerBuilder", "java.nio.file.Path", "java.time.Duration", "java.util.*",
      "java.util.concurrent.*", "org.junit.jupiter.api.*", "org.junit.jupiter.api.extension.ExtendWith",
      "static org.junit.jupiter.api.Assertions.assertEquals").map(each -> "import " + each + ";\n").reduce("", String::concat);

  @TempDir
  static Path directory;

  private static SitqServer server;
  private static SecuredServer secured;

  @BeforeAll
  static void start() throws Exception {
    server = SitqServer.start();
    secured = SecuredServer.start(directory);
  }

  @AfterAll
  static void stop() {
    if (server != null) server.close();
    if (secured != null) secured.close();
  }

  @TestFactory
  List<DynamicTest> examples() throws IOException {
    assumeTrue(ToolProvider.getSystemJavaCompiler() != null, "this Java has no compiler");
    List<DynamicTest> tests = new ArrayList<>();
    Matcher found = EXAMPLE.matcher(Files.readString(Path.of("README.md")));
    String heading = "";
    while (found.find()) {
      if (found.group(1) != null) {
        heading = found.group(1);
        continue;
      }
      String name = "Example" + tests.size();
      String code = found.group(2);
      String said = found.group(3);
      tests.add(DynamicTest.dynamicTest(heading + ", " + name, () -> run(name, code, said)));
    }
    assertTrue(tests.size() >= 10, "README.md has examples");
    return tests;
  }

  private static void run(String name, String code, String said) throws Exception {
    if (code.startsWith("@ExtendWith")) {
      compile(name, IMPORTS + "class " + name + " {\n" + code + "}\n");
      return;
    }
    String here = code
        .replace("new ConnectOptions()\n    .address(\"sitq.internal:50051\")", "new ConnectOptions()")
        .replace("new ConnectOptions()", "new ConnectOptions().address(address)")
        .replace("Path.of(\"", "directory.resolve(\"");
    boolean isConnecting = code.contains("SitqClient.connect(");
    String parameters = (isConnecting ? "" : "SitqClient client, ") + "String address, Path directory";
    compile(name, IMPORTS + "public class " + name + " {\n  public static void run(" + parameters + ") throws Exception {\n"
        + here + "  }\n}\n");
    String address = code.contains("Tls.") ? secured.address() : server.address();
    assertEquals(lines(said), printed(name, isConnecting, address));
  }

  private static List<String> lines(String said) {
    return Pattern.compile("`([^`]*)`").matcher(said).results().map(each -> each.group(1)).toList();
  }

  private static void compile(String name, String source) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter complaints = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      Iterable<? extends JavaFileObject> units = files.getJavaFileObjects(file);
      List<String> options =
          List.of("-d", directory.toString(), "-proc:none", "-classpath", System.getProperty("java.class.path"));
      assertTrue(compiler.getTask(complaints, files, null, options, null, units).call(), complaints.toString());
    }
  }

  private static List<String> printed(String name, boolean isConnecting, String address) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    URL[] classes = {directory.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(classes, ReadmeTest.class.getClassLoader());
        SitqClient client = server.connect();
        PrintStream capture = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      Class<?> example = loader.loadClass(name);
      if (isConnecting) {
        example.getMethod("run", String.class, Path.class).invoke(null, address, directory);
      } else {
        Method run = example.getMethod("run", SitqClient.class, String.class, Path.class);
        run.invoke(null, client, address, directory);
      }
    } finally {
      System.setOut(before);
    }
    return output.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
