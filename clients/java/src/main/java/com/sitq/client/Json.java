package com.sitq.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;

/** The JSON of Jackson and that of the contract, whose numbers are doubles: whole ones stay whole. */
final class Json {
  /** All smaller whole numbers are exact in a double. */
  private static final BigDecimal LARGEST = new BigDecimal(BigInteger.ONE.shiftLeft(53));
  /** How many lists and objects may lie within each other: a message that is much deeper no server can read, and its stream ends. */
  private static final int DEEPEST = 30;
  private static final Value NULL = Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  /** Makes a value of a tree. Integers and decimals beyond 2^53 are refused: they would change without a word. */
  static Value value(JsonNode node, String path) {
    return value(node, path, 0);
  }

  private static Value value(JsonNode node, String path, int depth) {
    if (depth == DEEPEST && node.isContainerNode()) throw tooDeep();
    return switch (node.getNodeType()) {
      case STRING -> Value.newBuilder().setStringValue(node.textValue()).build();
      case BINARY -> Value.newBuilder().setStringValue(node.asText()).build();
      case BOOLEAN -> Value.newBuilder().setBoolValue(node.booleanValue()).build();
      case NUMBER -> number(node, path);
      case ARRAY -> list(node, path, depth + 1);
      case OBJECT -> struct(node, path, depth + 1);
      case NULL, MISSING, POJO -> NULL;
    };
  }

  private static Value number(JsonNode node, String path) {
    // A float has the digits of a double, and a decimal those that its maker counts on.
    boolean hasDigits = node.isIntegralNumber() || node.isBigDecimal();
    if (hasDigits && node.decimalValue().abs().compareTo(LARGEST) > 0) {
      throw new PayloadException(path, node.asText() + " is beyond 2^53: carry it as text", null);
    }
    // A float's own digits, not those of the double next to it.
    double number = node.isFloat() ? Double.parseDouble(node.asText()) : node.doubleValue();
    if (!Double.isFinite(number)) throw new PayloadException(path, node.asText() + " is no number of JSON", null);
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value list(JsonNode node, String path, int depth) {
    ListValue.Builder list = ListValue.newBuilder();
    for (int place = 0; place < node.size(); place++) list.addValues(value(node.get(place), path + "[" + place + "]", depth));
    return Value.newBuilder().setListValue(list).build();
  }

  private static Value struct(JsonNode node, String path, int depth) {
    Struct.Builder struct = Struct.newBuilder();
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      String inner = path.isEmpty() ? each.getKey() : path + "." + each.getKey();
      struct.putFields(each.getKey(), value(each.getValue(), inner, depth));
    }
    return Value.newBuilder().setStructValue(struct).build();
  }

  /** Returns a value that was not made here, unless it is nested too deep. */
  static Value checked(Value value) {
    if (isDeeper(value, DEEPEST)) throw tooDeep();
    return value;
  }

  private static boolean isDeeper(Value value, int levels) {
    return switch (value.getKindCase()) {
      case LIST_VALUE -> levels == 0 || value.getListValue().getValuesList().stream().anyMatch(each -> isDeeper(each, levels - 1));
      case STRUCT_VALUE ->
          levels == 0 || value.getStructValue().getFieldsMap().values().stream().anyMatch(each -> isDeeper(each, levels - 1));
      default -> false;
    };
  }

  private static PayloadException tooDeep() {
    return new PayloadException("", "it is more than " + DEEPEST + " levels deep, or refers to itself", null);
  }

  /** Makes a tree of a value. */
  static JsonNode node(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> NODES.textNode(value.getStringValue());
      case BOOL_VALUE -> NODES.booleanNode(value.getBoolValue());
      case NUMBER_VALUE -> node(value.getNumberValue());
      case LIST_VALUE -> {
        ArrayNode array = NODES.arrayNode(value.getListValue().getValuesCount());
        for (Value each : value.getListValue().getValuesList()) array.add(node(each));
        yield array;
      }
      case STRUCT_VALUE -> {
        ObjectNode object = NODES.objectNode();
        value.getStructValue().getFieldsMap().forEach((key, each) -> object.set(key, node(each)));
        yield object;
      }
      case NULL_VALUE, KIND_NOT_SET -> NODES.nullNode();
    };
  }

  private static JsonNode node(double number) {
    boolean isWhole = number == Math.rint(number) && !(number == 0 && 1 / number < 0);
    if (!isWhole || Double.isInfinite(number)) return NODES.numberNode(number);
    if (Math.abs(number) <= Integer.MAX_VALUE) return NODES.numberNode((int) number);
    if (Math.abs(number) <= LARGEST.doubleValue()) return NODES.numberNode((long) number);
    return NODES.numberNode(new BigDecimal(number).toBigInteger());
  }
}
