package com.sitq.client;

/** A payload or a result that is not what its type can hold. A handler that throws it fails its task for good. */
public class PayloadException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String field;

  /** Makes the error of a field, by its path: {@code address.zip}; empty for the payload as a whole. */
  public PayloadException(String field, String text, Throwable cause) {
    super((field.isEmpty() ? "payload: " : "payload." + field + ": ") + text, cause);
    this.field = field;
  }

  /** Returns the path of the member at fault. Empty: the payload as a whole. */
  public final String field() {
    return field;
  }
}
