package com.sitq.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.lang.System.Logger.Level;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The servers of one worker: each stream goes to the next one, over a connection of its own. A server that stops is left as soon as there is
 * a connection to another.
 */
final class WorkerServers {
  /** How long the connection to another server may take while the one that stops is still there. */
  private static final long CONNECT_MILLIS = 2_000;

  private final String name;
  private final Connections connections;
  private final Runnable poke;
  private final Rotation rotation;
  /** A connection to the next server, made before the one in use is left; null: there is none. */
  private ManagedChannel successor;
  private boolean isConnected;
  /** The server in use was taken in place of one that stops. */
  private boolean isSuccessorInUse;
  private Future<?> deadline;

  /**
   * Makes the servers of a worker.
   *
   * @param name that of the worker, for the log
   * @param poke says that there is a connection to another server
   */
  WorkerServers(String name, Connections connections, Runnable poke) {
    this.name = name;
    this.connections = connections;
    this.poke = poke;
    this.rotation = new Rotation(connections.addresses());
  }

  /** Makes the connection of the next stream. */
  synchronized ManagedChannel open() {
    ManagedChannel made = isConnected ? successor : connections.dial(rotation.current());
    if (!isConnected) giveUp();
    isSuccessorInUse = isConnected;
    successor = null;
    isConnected = false;
    return made;
  }

  /** Takes the next server after the end of a stream, and reports whether it is of use to try it at once. */
  synchronized boolean leave(boolean wasSteady) {
    if (wasSteady) rotation.beginRound();
    boolean isAtOnce = rotation.hasMore();
    rotation.leave();
    if (!isAtOnce) rotation.beginRound();
    return isAtOnce;
  }

  /**
   * Looks for a connection to another server, since the one in use stops. Without another one it stays. What failed before may work by now;
   * only a server that stops is not exchanged for another that stops without end.
   */
  synchronized void seek(boolean wasSteady) {
    if (wasSteady || !isSuccessorInUse) rotation.beginRound();
    if (successor == null) dialNext();
  }

  /** Reports whether there is a connection to another server. */
  synchronized boolean hasSuccessor() {
    return isConnected;
  }

  synchronized void close() {
    giveUp();
  }

  private void giveUp() {
    if (deadline != null) deadline.cancel(false);
    if (successor != null) successor.shutdownNow();
    successor = null;
    isConnected = false;
  }

  private void dialNext() {
    if (!rotation.hasMore()) return;
    ManagedChannel made = connections.dial(rotation.next());
    successor = made;
    deadline = connections.timer().schedule(() -> skip(made), CONNECT_MILLIS, TimeUnit.MILLISECONDS);
    made.getState(true);
    follow(made);
  }

  private synchronized void follow(ManagedChannel made) {
    if (successor != made || isConnected) return;
    ConnectivityState state = made.getState(true);
    if (state == ConnectivityState.READY) {
      isConnected = true;
      deadline.cancel(false);
      SitqClient.LOG.log(Level.INFO, "the server stops; the worker " + name + " goes on at " + rotation.next());
      poke.run();
    } else {
      made.notifyWhenStateChanged(state, () -> follow(made));
    }
  }

  private synchronized void skip(ManagedChannel made) {
    if (successor != made || isConnected) return;
    giveUp();
    rotation.skip();
    dialNext();
  }
}
