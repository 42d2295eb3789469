package dev.akvavit.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ConnectionContext;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Notices within milliseconds that the client of a running request has gone. While an answer is
 * being made nobody reads from its connection, so this does: what comes is the connection's end, or
 * the first bytes of the next request, which stay in the connection's buffer.
 *
 * <p>The connection's own thread may not read at the same time, so after the answer it waits here
 * for whichever comes first; that is all an idle connection does anyway.
 */
final class ClientWatch {
  private final ConnectionContext connection;
  private final AtomicReference<Runnable> whenGone = new AtomicReference<>(() -> {});
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean gone;
  private volatile boolean answered;
  private volatile boolean writing;

  private ClientWatch(ConnectionContext connection) {
    this.connection = connection;
  }

  /** Begins to watch; the request has been read to its end. */
  static ClientWatch begin(ConnectionContext connection) {
    ClientWatch watch = new ClientWatch(connection);
    Thread.ofVirtual().name("akvavit-watch").start(watch::watch);
    return watch;
  }

  /** Watches nothing: a request that is refused with its body still unread. */
  static ClientWatch none(ConnectionContext connection) {
    ClientWatch watch = new ClientWatch(connection);
    watch.ended.countDown();
    return watch;
  }

  /** What to do, once, when the client goes; at once if it has gone. */
  void whenGone(Runnable action) {
    whenGone.set(action);
    if (gone) {
      leave();
    }
  }

  boolean gone() {
    return gone;
  }

  /** Marks a write as under way, so that a reader who takes nothing can be told from a slow one. */
  void writing(boolean under) {
    writing = under;
  }

  /** The answer is out: waits until the client sends more or goes. */
  void answered() throws InterruptedException {
    answered = true;
    ended.await();
  }

  private void watch() {
    DataReader reader = connection.dataReader();
    boolean stalled = false;
    while (true) {
      try {
        reader.ensureAvailable();
        break;
      } catch (UncheckedIOException e) {
        boolean idle = e.getCause() instanceof SocketTimeoutException && !answered;
        if (!idle || (stalled && writing)) {
          goneAway();
          break;
        }
        stalled = writing; // two timeouts in a row within writes: it reads nothing
      } catch (RuntimeException e) { // the end of the data, in Helidon's several ways
        goneAway();
        break;
      }
    }
    ended.countDown();
  }

  private void goneAway() {
    gone = true;
    leave();
    hangUp(); // a write that waits for the client ends here
  }

  /**
   * Ends the connection. A channel that is closed while somebody reads from it stays open for the
   * client; this shuts it down first.
   */
  void hangUp() {
    try {
      connection.serverSocket().close();
    } catch (RuntimeException e) {
      // it is closed already
    }
  }

  private void leave() {
    whenGone.getAndSet(() -> {}).run();
  }
}
