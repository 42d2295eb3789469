package dev.akvavit.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells on standard error that something takes long: nothing in the first second, then one line
 * that is redrawn on a terminal, or a plain line every five seconds elsewhere. Closing it clears
 * the line.
 */
final class Progress implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration PLAIN_LINES = Duration.ofSeconds(5);
  private static final int BAR = 24;

  private final Screen screen;
  private final String what;
  private final long total;
  private final LongSupplier done;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final long start = System.nanoTime();
  private final Thread thread;

  private Progress(Screen screen, String what, long total, LongSupplier done) {
    this.screen = screen;
    this.what = what;
    this.total = total;
    this.done = done;
    thread = Thread.ofVirtual().name("akvavit-progress").start(this::draw);
  }

  /** Something whose end is not known. */
  static Progress show(Screen screen, String what) {
    return new Progress(screen, what, 0, () -> 0);
  }

  /**
   * Something that can be counted.
   *
   * @param done asked from another thread
   */
  static Progress show(Screen screen, String what, long total, LongSupplier done) {
    return new Progress(screen, what, total, done);
  }

  private void draw() {
    boolean drawn = false;
    try {
      Duration wait = screen.errIsTerminal() ? PATIENCE : PLAIN_LINES;
      while (!closed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        if (screen.errIsTerminal()) {
          screen.err().print("\r\u001b[K" + screen.dimErr(line()));
          screen.err().flush();
          drawn = true;
          wait = REDRAW;
        } else {
          screen.err().println("akvavit: " + line());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (drawn) {
      screen.err().print("\r\u001b[K");
      screen.err().flush();
    }
  }

  private String line() {
    double seconds = (System.nanoTime() - start) / 1e9;
    if (total <= 0) {
      return "%s … %.0f s".formatted(what, seconds);
    }
    long now = Math.clamp(done.getAsLong(), 0, total);
    int filled = (int) (now * BAR / total);
    String bar = "━".repeat(filled) + "┄".repeat(BAR - filled);
    String left = now == 0 ? "" : ", about %.0f s left".formatted(seconds * (total - now) / now);
    return "%s %s %d of %d, %.0f s%s".formatted(what, bar, now, total, seconds, left);
  }

  @Override
  public void close() {
    end();
  }

  /** Clears the line, before something else is written; harmless the second time. */
  void end() {
    closed.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the line must be gone before anything else is written
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
