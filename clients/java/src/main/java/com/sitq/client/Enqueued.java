package com.sitq.client;

/**
 * A task that is on the server's disk.
 *
 * @param id the task's id
 * @param requestId the id of the request that made it
 * @param created this call made it; false: there was one already, with the same request id or deduplication key
 */
public record Enqueued(String id, String requestId, boolean created) {}
