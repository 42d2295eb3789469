package dev.akvavit.server.http;

import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An answer as server-sent events (WHATWG HTML, section 9.2), each sent at once. Several choices
 * may write to one stream: events never mix.
 */
public final class EventStream {
  private static final byte[] HEARTBEAT = ": working\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

  private final OutputStream out;
  private final ClientWatch watch;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean named;

  EventStream(OutputStream out, ClientWatch watch) {
    this.out = out;
    this.watch = watch;
  }

  /**
   * Sends an object.
   *
   * @throws ClientGone when nobody reads
   */
  public void send(Object json) {
    write(("data: " + Json.text(json) + "\n\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Sends an object under an event's name. */
  public void send(String event, Object json) {
    named = true;
    write(
        ("event: " + event + "\ndata: " + Json.text(json) + "\n\n")
            .getBytes(StandardCharsets.UTF_8));
  }

  /** An error as the last event, in the form in which events came so far. */
  void error(Object json) {
    if (named) {
      send("error", json);
    } else {
      send(json);
    }
  }

  /** A comment, so that nobody on the way takes a long prefill for a dead connection. */
  public void heartbeat() {
    write(HEARTBEAT);
  }

  /** OpenAI's mark of a whole answer; a stream without it was cut. */
  public void done() {
    write(DONE);
  }

  void close() {
    try {
      out.close();
    } catch (IOException | RuntimeException e) {
      throw new ClientGone();
    }
  }

  private void write(byte[] event) {
    lock.lock();
    watch.writing();
    try {
      out.write(event);
      out.flush();
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      throw new ClientGone();
    } catch (RuntimeException e) {
      if (watch.gone()) {
        throw new ClientGone();
      }
      throw e;
    } finally {
      watch.writing();
      lock.unlock();
    }
  }
}
