package com.sitq.client;

/** Thrown by a handler: the task is not tried again, whatever attempts it has left. */
public class Terminal extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Fails the task with a message. */
  public Terminal(String message) {
    super(message);
  }

  /** Fails the task with a message; the cause's type is the error's type. */
  public Terminal(String message, Throwable cause) {
    super(message, cause);
  }
}
