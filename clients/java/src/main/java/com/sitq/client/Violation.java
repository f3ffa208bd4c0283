package com.sitq.client;

import java.io.Serializable;

/**
 * One field at fault.
 *
 * @param field its path: {@code task.queue}
 * @param reason the reason of this field
 * @param message what is wrong
 */
public record Violation(String field, String reason, String message) implements Serializable {}
