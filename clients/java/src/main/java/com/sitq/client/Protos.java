package com.sitq.client;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** Durations and times of the contract. */
final class Protos {
  private Protos() {}

  static Duration duration(com.google.protobuf.Duration span) {
    return Duration.ofSeconds(span.getSeconds(), span.getNanos());
  }

  static com.google.protobuf.Duration duration(Duration span) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(span.getSeconds()).setNanos(span.getNano()).build();
  }

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }
}
