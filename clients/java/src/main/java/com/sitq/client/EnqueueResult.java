package com.sitq.client;

/**
 * The answer to one task of a batch.
 *
 * @param task the task; null: it was refused
 * @param error why it was refused; null: it is stored
 */
public record EnqueueResult(Enqueued task, SitqException error) {
  /** Reports whether the task is stored. */
  public boolean isStored() {
    return error == null;
  }
}
