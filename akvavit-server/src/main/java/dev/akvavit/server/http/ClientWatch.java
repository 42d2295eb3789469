package dev.akvavit.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ConnectionContext;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** Writes begun and ended: odd while one is under way. */
  private final AtomicInteger writes = new AtomicInteger();

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

  /** A write begins or ends; so a reader who takes nothing can be told from one who waits. */
  void writing() {
    writes.incrementAndGet();
  }

  /** The answer is out: waits until the client sends more or goes. */
  void answered() throws InterruptedException {
    answered = true;
    ended.await();
  }

  private void watch() {
    DataReader reader = connection.dataReader();
    int before = 0;
    while (true) {
      try {
        reader.ensureAvailable();
        break;
      } catch (RuntimeException e) { // a pause, or the end of the data in Helidon's several ways
        boolean waits = TimedSockets.isPause(e) && !answered;
        int now = writes.get();
        boolean takesNothing = now % 2 == 1 && now == before; // one write, from pause to pause
        if (!waits || takesNothing) {
          goneAway();
          break;
        }
        before = now;
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
