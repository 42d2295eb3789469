package dev.akvavit.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

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
  private final boolean redrawn;
  private final Duration first;
  private final Duration next;
  private final Supplier<String> line;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private Progress(
      Screen screen, boolean redrawn, Duration first, Duration next, Supplier<String> line) {
    this.screen = screen;
    this.redrawn = redrawn;
    this.first = first;
    this.next = next;
    this.line = line;
    thread = Thread.ofVirtual().name("akvavit-progress").start(this::draw);
  }

  /** Something whose end is not known. */
  static Progress show(Screen screen, String what) {
    return show(screen, what, 0, () -> 0);
  }

  /**
   * Something that can be counted.
   *
   * @param done asked from another thread
   */
  static Progress show(Screen screen, String what, long total, LongSupplier done) {
    long start = System.nanoTime();
    return show(screen, () -> text(what, total, done, start));
  }

  /** Something that says itself how far it is. */
  static Progress show(Screen screen, Supplier<String> line) {
    return screen.errIsTerminal()
        ? bar(screen, line)
        : lines(screen, () -> "akvavit: " + line.get());
  }

  /** One line that is redrawn, on a terminal. */
  static Progress bar(Screen screen, Supplier<String> line) {
    return new Progress(screen, true, PATIENCE, REDRAW, line);
  }

  /** A line now and then, as it is. */
  static Progress lines(Screen screen, Supplier<String> line) {
    return lines(screen, PLAIN_LINES, line);
  }

  static Progress lines(Screen screen, Duration every, Supplier<String> line) {
    return new Progress(screen, false, every, every, line);
  }

  /** The part of a whole, drawn. */
  static String bar(long part, long whole, int width) {
    int filled = whole == 0 ? width : (int) (width * (double) part / whole);
    return "━".repeat(filled) + "┄".repeat(width - filled);
  }

  private void draw() {
    boolean drawn = false;
    try {
      Duration wait = first;
      while (!closed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        if (redrawn) {
          screen.err().print("\r\u001b[K" + screen.dimErr(line.get()));
          screen.err().flush();
          drawn = true;
        } else {
          screen.tell(line.get());
        }
        wait = next;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (drawn) {
      screen.err().print("\r\u001b[K");
      screen.err().flush();
    }
  }

  private static String text(String what, long total, LongSupplier done, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    if (total <= 0) {
      return "%s … %.0f s".formatted(what, seconds);
    }
    long now = Math.clamp(done.getAsLong(), 0, total);
    String left = now == 0 ? "" : ", about %.0f s left".formatted(seconds * (total - now) / now);
    return "%s %s %d of %d, %.0f s%s"
        .formatted(what, bar(now, total, BAR), now, total, seconds, left);
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
