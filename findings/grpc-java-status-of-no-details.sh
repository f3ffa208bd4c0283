#!/usr/bin/env bash
# grpc-java's StatusProto.fromThrowable (grpc-protobuf 1.85.1) answers a google.rpc.Status also where the server has sent none.
#
# Its documentation says that it answers the status that it extracts, or null if there is none. Of an exception of a call without
# details in its trailers it makes one, of the code and the description. Code that takes null for "no details, look at the code" never
# comes to that branch: null is only for what is no status at all. Whether details came shows in the trailers alone.
#
# Seen:
#   a call that failed without trailers: code 14, message "gone", 0 details
#   another exception: null
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>io.grpc</groupId><artifactId>grpc-protobuf</artifactId><version>1.85.1</version></dependency>
  </dependencies>
</project>
XML
cat > Main.java <<'JAVA'
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;

public class Main {
  public static void main(String[] args) {
    var made = StatusProto.fromThrowable(Status.UNAVAILABLE.withDescription("gone").asRuntimeException());
    System.out.println(made.getCode() + " " + made.getMessage() + " " + made.getDetailsCount());
    System.out.println(StatusProto.fromThrowable(new IllegalStateException("another")));
  }
}
JAVA
mvn --quiet --batch-mode dependency:build-classpath -Dmdep.outputFile=classpath
java -cp "$(cat classpath)" Main.java > out
cat out
[ "$(cat out)" = "$(printf '14 gone 0\nnull')" ]
