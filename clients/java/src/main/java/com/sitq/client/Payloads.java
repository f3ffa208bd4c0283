package com.sitq.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.sitq.v1.Payload;
import java.io.IOException;
import java.util.Locale;

/**
 * Makes payloads of values and reads them: records and other classes as JSON by Jackson, {@code byte[]} as bytes, messages of Protobuf
 * as typed messages.
 */
final class Payloads {
  private final ObjectMapper mapper;

  Payloads(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** Makes the mapper of clients that set none. */
  static ObjectMapper defaultMapper() {
    JsonMapper.Builder builder = JsonMapper.builder()
        .findAndAddModules()
        // By java.time, as text of ISO 8601: a number of seconds is cut to what a double holds.
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        // A newer producer may say more.
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
    builder.withCoercionConfig(LogicalType.Textual, config -> {
      config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
      config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
      config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    });
    return builder.build();
  }

  /** Makes the payload of a value; null is JSON's null. */
  Payload encode(Object value) {
    if (value instanceof Payload payload) {
      Json.checked(payload.getJson());
      return payload;
    }
    if (value instanceof byte[] bytes) return Payload.newBuilder().setBinary(ByteString.copyFrom(bytes)).build();
    if (value instanceof com.google.protobuf.Value json) return Payload.newBuilder().setJson(Json.checked(json)).build();
    if (value instanceof Any any) return Payload.newBuilder().setMessage(any).build();
    if (value instanceof Message message) return Payload.newBuilder().setMessage(pack(message)).build();
    try {
      return Payload.newBuilder().setJson(Json.value(mapper.valueToTree(value), "")).build();
    } catch (IllegalArgumentException failure) {
      throw new PayloadException("", firstLine(failure.getMessage()), failure);
    } catch (StackOverflowError endless) {
      throw new PayloadException("", "it is nested too deep, or refers to itself", endless);
    }
  }

  /** Packs a message deterministically, so that a repeated request is the same request. */
  private static Any pack(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
    output.useDeterministicSerialization();
    try {
      message.writeTo(output);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return Any.newBuilder()
        .setTypeUrl("type.googleapis.com/" + message.getDescriptorForType().getFullName())
        .setValue(ByteString.copyFrom(bytes))
        .build();
  }

  JavaType type(Class<?> type) {
    return mapper.constructType(type);
  }

  JavaType type(TypeReference<?> type) {
    return mapper.constructType(type);
  }

  /** Reads a payload; an empty one is read as null. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // It is what the type says, which Java cannot express.
  <T> T decode(Payload payload, JavaType type) {
    @SuppressWarnings("unchecked") // Each branch of read answers what the type says.
    T value = (T) read(payload, type);
    return value;
  }

  private Object read(Payload payload, JavaType type) {
    Class<?> raw = type.getRawClass();
    if (raw == Payload.class) return payload;
    if (raw == Void.class) return null;
    boolean isPlain = raw == Object.class;
    if (raw == byte[].class || (isPlain && payload.hasBinary())) {
      if (!payload.hasBinary()) throw unexpected("bytes", payload);
      return payload.getBinary().toByteArray();
    }
    if (raw == Any.class || (isPlain && payload.hasMessage())) {
      if (!payload.hasMessage()) throw unexpected("a message", payload);
      return payload.getMessage();
    }
    if (Message.class.isAssignableFrom(raw)) return message(payload, raw.asSubclass(Message.class));
    if (payload.hasBinary() || payload.hasMessage()) throw unexpected("JSON", payload);
    JsonNode node = Json.node(payload.getJson());
    if (JsonNode.class.isAssignableFrom(raw)) {
      if (!raw.isInstance(node)) throw unexpected("a " + raw.getSimpleName(), payload);
      return node;
    }
    try {
      return mapper.readValue(mapper.treeAsTokens(node), type);
    } catch (JsonMappingException failure) {
      throw new PayloadException(path(failure), firstLine(failure.getOriginalMessage()), failure);
    } catch (JsonProcessingException failure) {
      throw new PayloadException("", firstLine(failure.getOriginalMessage()), failure);
    } catch (IOException failure) {
      throw new PayloadException("", firstLine(failure.getMessage()), failure);
    }
  }

  private static Message message(Payload payload, Class<? extends Message> type) {
    if (!payload.hasMessage()) throw unexpected("a " + type.getSimpleName(), payload);
    if (!payload.getMessage().is(type)) throw unexpected("a " + type.getSimpleName(), payload);
    try {
      return payload.getMessage().unpack(type);
    } catch (InvalidProtocolBufferException failure) {
      throw new PayloadException("", "it is not a valid " + type.getSimpleName() + ": " + failure.getMessage(), failure);
    }
  }

  private static PayloadException unexpected(String expected, Payload payload) {
    String got = switch (payload.getKindCase()) {
      case JSON -> payload.getJson().getKindCase().name().toLowerCase(Locale.ROOT).replace("_value", "") + " in JSON";
      case BINARY -> "bytes";
      case MESSAGE -> "a " + payload.getMessage().getTypeUrl().replaceFirst("^.*/", "");
      case KIND_NOT_SET -> "an empty payload";
    };
    return new PayloadException("", "expected " + expected + ", not " + got, null);
  }

  private static String path(JsonMappingException failure) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference each : failure.getPath()) {
      if (each.getFieldName() == null) {
        path.append('[').append(each.getIndex()).append(']');
      } else {
        if (path.length() > 0) path.append('.');
        path.append(each.getFieldName());
      }
    }
    return path.toString();
  }

  private static String firstLine(String text) {
    return text == null ? "it cannot be read" : text.lines().findFirst().orElse("");
  }
}
