package dev.akvavit.cli;

import dev.akvavit.hub.PullListener;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Shows a download on standard error: one line that is redrawn, a line every five seconds, or one
 * JSON object an event and a second, for programs.
 */
final class PullProgress implements PullListener, AutoCloseable {
  /** How it is shown. */
  enum How {
    BAR,
    PLAIN,
    JSON,
    NONE
  }

  private static final int NAME = 20;
  private static final int BAR = 16;
  private static final int REASON = 40;
  private static final int WIDTH = 78;
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** What is fetched, once it is known. */
  private record Plan(String model, long bytes, long present, long startNanos) {}

  private final Screen screen;
  private final How how;
  private final AtomicLong received = new AtomicLong();
  private volatile String state = "";
  private volatile @Nullable Plan plan;
  private @Nullable Progress line;

  private PullProgress(Screen screen, How how) {
    this.screen = screen;
    this.how = how;
  }

  /**
   * Shows nothing before there is something to fetch or to wait for.
   *
   * @param how null for a bar on a terminal and plain lines elsewhere
   */
  static PullProgress show(Screen screen, @Nullable How how) {
    return new PullProgress(
        screen, how != null ? how : screen.errIsTerminal() ? How.BAR : How.PLAIN);
  }

  @Override
  public synchronized void planned(String model, int files, long bytes, long present) {
    received.set(0);
    plan = new Plan(model, bytes, present, System.nanoTime());
    tell("planned", Map.of("model", model, "files", files, "bytes", bytes, "present", present));
    begin();
  }

  private synchronized void begin() {
    if (line == null && how != How.NONE) {
      line =
          switch (how) {
            case BAR -> Progress.bar(screen, this::text);
            case PLAIN -> Progress.lines(screen, () -> "akvavit: " + text());
            case JSON, NONE -> Progress.lines(screen, SECOND, this::json);
          };
    }
  }

  @Override
  public void received(String file, long bytes) {
    received.addAndGet(bytes);
    if (bytes > 0) {
      state = "";
    }
  }

  @Override
  public void verifying(String file) {
    state = "verifying " + file;
    tell("verifying", Map.of("file", file));
  }

  @Override
  public void finished(String file) {
    tell("finished", Map.of("file", file));
  }

  @Override
  public void waiting(String reason) {
    state = reason;
    tell("waiting", Map.of("reason", reason));
    begin();
  }

  private void tell(String event, Map<String, Object> facts) {
    if (how == How.JSON) {
      screen.tell(RecordJson.line(event, facts));
    }
  }

  private String json() {
    Plan now = plan;
    long bytes = now == null ? 0 : now.bytes();
    long here = now == null ? 0 : now.present() + received.get();
    return RecordJson.line("progress", Map.of("received", here, "bytes", bytes));
  }

  /** Fits a terminal of 80 columns. */
  String text() {
    Plan now = plan;
    String reason = shortened(state, REASON);
    if (now == null) {
      return state.isEmpty() ? "asking the hub" : shortened(state, WIDTH);
    }
    String name = shortened(now.model().substring(now.model().indexOf('/') + 1), NAME);
    long here = Math.clamp(now.present() + received.get(), 0, now.bytes());
    String bar = how == How.BAR ? " " + Progress.bar(here, now.bytes(), BAR) : "";
    return name + bar + " " + (reason.isEmpty() ? amounts(now, here) : reason);
  }

  private static String amounts(Plan plan, long here) {
    double seconds = Math.max(1e-3, (System.nanoTime() - plan.startNanos()) / 1e9);
    double rate = Math.max(0, here - plan.present()) / seconds;
    String left =
        rate < 1 ? "" : ", " + duration(Math.round((plan.bytes() - here) / rate)) + " left";
    return String.format(
        Locale.ROOT,
        "%s of %s, %s/s%s",
        Amounts.bytes(here),
        Amounts.bytes(plan.bytes()),
        Amounts.bytes(Math.round(rate)),
        left);
  }

  private static String duration(long seconds) {
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  @Override
  public synchronized void close() {
    if (line != null) {
      line.end();
    }
  }
}
