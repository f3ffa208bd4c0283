package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.sitq.v1.Payload;
import com.sitq.v1.TaskLease;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PayloadsTest {
  record Line(@JsonProperty(required = true) String article, int count) {}

  record Order(long id, Double price, List<Line> lines) {}

  private final Payloads payloads = new Payloads(Payloads.defaultMapper());

  private <T> T decode(Payload payload, Class<T> type) {
    return payloads.decode(payload, payloads.type(type));
  }

  private Object returned(Object value) {
    return decode(payloads.encode(value), Object.class);
  }

  @Test
  void keepsWholeNumbersWhole() {
    assertEquals(7, returned(7));
    assertEquals(1L << 53, returned(1L << 53));
    assertEquals(0.1, returned(0.1f));
    assertEquals(1.5, returned(1.5));
    assertEquals("{\"a\":7}", decode(payloads.encode(Map.of("a", 7)), JsonNode.class).toString());
    assertEquals(new BigInteger("9007199254740994"), returned(Value.newBuilder().setNumberValue(9007199254740994.0).build()));
    Order order = new Order(4711, 9.5, List.of(new Line("lamp", 2)));
    assertEquals(order, decode(payloads.encode(order), Order.class));
  }

  @Test
  void carriesWhatJacksonHas() {
    for (Object value : Arrays.asList(null, true, "text", List.of(1, "two"), Map.of("a", Map.of("b", List.of())))) {
      assertEquals(value, returned(value));
    }
    assertArrayEquals(new byte[] {1}, decode(payloads.encode(new byte[] {1}), byte[].class));
    TaskLease message = TaskLease.newBuilder().setTaskId("a").setAttempt(1).build();
    assertEquals(message, decode(payloads.encode(message), TaskLease.class));
    assertEquals(null, decode(Payload.getDefaultInstance(), Order.class));
  }

  @Test
  void refusesWhatIsNestedTooDeep() {
    Object nested = 1;
    for (int level = 0; level < 30; level++) nested = List.of(nested);
    Value made = payloads.encode(nested).getJson();
    Object deeper = List.of(nested);
    Value deeperMade = Value.newBuilder().setListValue(ListValue.newBuilder().addValues(made)).build();
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    for (Object each : List.of(deeper, deeperMade, Payload.newBuilder().setJson(deeperMade).build(), endless)) {
      assertThrows(PayloadException.class, () -> payloads.encode(each));
    }
    assertEquals(made, payloads.encode(made).getJson());
  }

  @Test
  void namesTheFieldThatDoesNotFit() {
    assertEquals("lines[0].article", field(Map.of("id", 1, "lines", List.of(Map.of("count", 1)))));
    assertEquals("lines[0].count", field(Map.of("id", 1, "lines", List.of(Map.of("article", "lamp", "count", "two")))));
    assertEquals("lines[0].article", field(Map.of("id", 1, "lines", List.of(Map.of("article", 7, "count", 1)))));
    assertEquals("id", field(Map.of("id", 1.5)));
    assertEquals("id", field(Map.of("price", 1.5)));
    assertEquals("", field("no order"));
    assertEquals("", field(new byte[] {1}));
    Order newer = decode(payloads.encode(Map.of("id", 1, "since", "v2")), Order.class);
    assertEquals(1, newer.id());
  }

  private String field(Object value) {
    return assertThrows(PayloadException.class, () -> decode(payloads.encode(value), Order.class)).field();
  }

  @Test
  void refusesNumbersThatWouldChange() {
    Map<String, Object> value = Map.of("ids", List.of(1, (1L << 53) + 1));
    PayloadException failure = assertThrows(PayloadException.class, () -> payloads.encode(value));
    assertEquals("ids[1]", failure.field());
    assertTrue(failure.getMessage().endsWith("is beyond 2^53: carry it as text"));
    assertThrows(PayloadException.class, () -> payloads.encode(Double.NaN));
    for (String digits : List.of("9007199254740993", "-9007199254740993.5", "1E+30")) {
      PayloadException decimal = assertThrows(PayloadException.class, () -> payloads.encode(Map.of("price", new BigDecimal(digits))));
      assertEquals("price", decimal.field());
    }
    assertEquals(19.99, returned(new BigDecimal("19.99")));
    assertEquals(1L << 53, returned(new BigDecimal("9007199254740992")));
  }

  @Test
  void saysWhatTimesNeed() {
    PayloadException failure = assertThrows(PayloadException.class, () -> payloads.encode(Map.of("at", Instant.EPOCH)));
    assertTrue(failure.getMessage().contains("jackson-datatype-jsr310"), failure.getMessage());
  }
}
