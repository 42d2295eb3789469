package dev.akvavit.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class TicksTest {

  @Test
  void linearAxesBeginAtZeroAndStepByOneTwoFive() {
    assertThat(ticks(Axis.linear("", Unit.NUMBER), 3, 17).at())
        .containsExactly(0., 5., 10., 15., 20.);
    assertThat(ticks(Axis.linear("", Unit.NUMBER), 0.3, 0.7).to()).isEqualTo(0.8);
    assertThat(ticks(Axis.linear("", Unit.NUMBER), -4, 3).from()).isEqualTo(-4);
  }

  @Test
  void contextsStepByPowersOfTwo() {
    assertThat(labels(Axis.linear("", Unit.TOKENS), 1, 163_840))
        .containsExactly("0", "32K", "64K", "96K", "128K", "160K");
  }

  @Test
  void bytesStepInTheUnitTheyAreWrittenIn() {
    double gib = 1L << 30;
    assertThat(labels(Axis.linear("", Unit.BYTES), 0, 1.1 * gib))
        .containsExactly("0", "0.2 GiB", "0.4 GiB", "0.6 GiB", "0.8 GiB", "1 GiB", "1.2 GiB");
  }

  @Test
  void logarithmicAxesStepByFactors() {
    assertThat(labels(Axis.log("", Unit.NUMBER), 3, 40))
        .containsExactly("2", "5", "10", "20", "50");
    assertThat(labels(Axis.log("", Unit.NUMBER), 1, 900_000)).contains("1", "100", "10,000");
    assertThat(labels(Axis.log("", Unit.BYTES), 1 << 20, 64.0 * (1L << 30)))
        .containsExactly("1 MiB", "32 MiB", "1 GiB", "32 GiB");
  }

  @Test
  void everyAxisHoldsItsValuesAndFewTicks() {
    long seed = 20260822;
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      Unit unit = Unit.values()[random.nextInt(Unit.values().length)];
      Scale scale = Scale.values()[random.nextInt(2)];
      double a = Math.pow(10, 24 * random.nextDouble() - 9);
      double b = random.nextInt(8) == 0 ? a : Math.pow(10, 24 * random.nextDouble() - 9);
      int most = 3 + random.nextInt(8);
      Ticks ticks = Ticks.of(new Axis("", unit, scale), DoubleStream.of(a, b), most);
      String what =
          "seed %d, case %d: %s %s of %s, %s: %s".formatted(seed, i, unit, scale, a, b, ticks);
      assertThat(ticks.from()).as(what).isLessThanOrEqualTo(Math.min(a, b) * (1 + 1e-6));
      assertThat(ticks.to()).as(what).isGreaterThanOrEqualTo(Math.max(a, b) * (1 - 1e-6));
      assertThat(ticks.at()).as(what).isSorted().hasSizeBetween(1, most + 2);
      assertThat(ticks.from()).as(what).isLessThan(ticks.to());
    }
  }

  @Test
  void valuesThatAnAxisCannotHoldDoNotMoveIt() {
    Ticks some = ticks(Axis.log("", Unit.NUMBER), 10, 1000);
    assertThat(
            ticks(Axis.log("", Unit.NUMBER), 10, 1000, 0, -5, Double.NaN, Double.POSITIVE_INFINITY))
        .isEqualTo(some);
    assertThat(ticks(Axis.linear("", Unit.NUMBER)).at()).isNotEmpty();
    assertThat(ticks(Axis.log("", Unit.BYTES)).at()).isNotEmpty();
  }

  private static Ticks ticks(Axis axis, double... values) {
    return Ticks.of(axis, DoubleStream.of(values), 6);
  }

  private static List<String> labels(Axis axis, double... values) {
    Ticks ticks = ticks(axis, values);
    return ticks.at().stream().map(t -> ticks.label(axis, t)).toList();
  }
}
