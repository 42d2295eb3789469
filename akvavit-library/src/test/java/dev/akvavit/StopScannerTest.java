package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopScannerTest {
  @Test
  void textBeforeTheFirstStopComesOutHoweverTheStreamIsCut() {
    List<String> stops = List.of("aba", "bb", "abcab");
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(24); i > 0; i--) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      int end =
          stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(text.length());
      StopScanner scanner = new StopScanner(stops);
      StringBuilder out = new StringBuilder();
      for (int from = 0; from < text.length() && scanner.found() == null; ) {
        int to = Math.min(text.length(), from + 1 + random.nextInt(4));
        out.append(scanner.accept(text.substring(from, to)));
        from = to;
      }
      boolean stopped = scanner.found() != null;
      out.append(scanner.flush());
      // A stop that begins earlier may be completed later than another; the one completed first in
      // the stream decides.
      assertThat(text.toString()).as("seed %d", seed).startsWith(out.toString());
      assertThat(stopped).as("seed %d", seed).isEqualTo(end < text.length());
      assertThat(out.length())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(text.length())
          .isGreaterThanOrEqualTo(end);
    }
  }

  @Test
  void heldTextIsNotLostWithoutAStop() {
    StopScanner scanner = new StopScanner(List.of("</end>"));
    assertThat(scanner.accept("x </en")).isEqualTo("x ");
    assertThat(scanner.accept("d ")).isEqualTo("</end ");
    assertThat(scanner.accept("y</")).isEqualTo("y");
    assertThat(scanner.flush()).isEqualTo("</");
  }

  @Test
  void nothingComesAfterAStop() {
    StopScanner scanner = new StopScanner(List.of("STOP"));
    assertThat(scanner.accept("a ST") + scanner.accept("OP b")).isEqualTo("a ");
    assertThat(scanner.found()).isEqualTo("STOP");
    assertThat(scanner.accept("c") + scanner.flush()).isEmpty();
  }
}
