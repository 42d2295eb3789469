package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.akvavit.ModelOptions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code bench -b}: sequences that generate together. */
class BenchBatchTest {
  private static final String[] SIZES = {
    "bench", "-b", "1,3", "-n", "4", "-d", "0,40", "-r", "1", "--threads", "1"
  };

  @Test
  void eachDepthWithEachBatch() {
    Invocation run = Invocation.of(with("--json"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonObject> rows = run.json().objects("rows");
    assertThat(rows).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonObject row = rows.get(i);
      assertThat(row.text("test")).isEqualTo(i < 2 ? "tg4" : "tg4 @ d40");
      double batch = i % 2 == 0 ? 1 : 3;
      assertThat(row.number("batch")).isEqualTo(batch);
      assertThat(row.number("median")).isPositive();
      assertThat(row.number("each")).isCloseTo(row.number("median") / batch, within(1e-9));
      double alone = rows.get(i - i % 2).number("median");
      assertThat(row.number("ratio")).isCloseTo(row.number("median") / alone, within(1e-9));
    }
  }

  @Test
  void theTable() {
    Invocation run = Invocation.of(with());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("| batch |", "| tg4 | 1 |", "| tg4 @ d40 | 3 |", "| 1.00x |");
  }

  @Test
  void onlyWhatIsAskedFor() {
    Invocation generated =
        Invocation.of("bench", "-p", "0", "-n", "2", "-d", "0", "-r", "1", "--threads", "1");
    assertThat(generated.exitCode()).as(generated.err()).isZero();
    assertThat(generated.out()).contains("| tg2 |").doesNotContain("| pp");
    Invocation read = Invocation.of("bench", "-p", "8", "-n", "0", "-r", "1", "--threads", "1");
    assertThat(read.exitCode()).as(read.err()).isZero();
    assertThat(read.out()).contains("| pp8 |").doesNotContain("| tg");
  }

  @Test
  void wrongUsage() {
    assertThat(Invocation.of("bench", "-p", "0", "-n", "0").err())
        .contains("-p 0 -n 0: found nothing to measure");
    assertThat(Invocation.of("bench", "-b", "0").err()).contains("-b: found 0, allowed: 1 to 1024");
    assertThat(Invocation.of("bench", "-b", "2", "-n", "0").err())
        .contains("-n: found 0, allowed with -b: 1 or more");
    assertThat(Invocation.of("bench", "-b", "2", "--compare").err())
        .contains("-b: found --compare beside it");
  }

  /** While seven read 4,096 tokens, some 500 a step, the first generates; twice that has room. */
  @Test
  void room() {
    BatchTest test = new BatchTest(8, 64, 4096);
    assertThat(test.most(512)).isBetween(64 + 66, 64 + 150);
    ModelOptions room = BatchTest.room(List.of(test), ModelOptions.DEFAULT);
    assertThat(room.maxSequences()).isEqualTo(8);
    assertThat(room.context()).isEqualTo(4096 + test.most(512));
    assertThat(room.cacheTokens()).isGreaterThanOrEqualTo(8 * room.context());
  }

  private static String[] with(String... more) {
    String[] all = Arrays.copyOf(SIZES, SIZES.length + more.length);
    System.arraycopy(more, 0, all, SIZES.length, more.length);
    return all;
  }
}
