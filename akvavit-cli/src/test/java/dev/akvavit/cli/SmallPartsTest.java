package dev.akvavit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spelling, amounts, rates and JSON. */
class SmallPartsTest {
  private static final List<String> COMMANDS =
      List.of("run", "chat", "complete", "show", "doctor", "verify", "bench");

  @Test
  void theNearestWordIsTheOneWithFewestEdits() {
    assertThat(Spelling.nearest("rnu", COMMANDS)).isEqualTo("run");
    assertThat(Spelling.nearest("verfiy", COMMANDS)).isEqualTo("verify");
    assertThat(Spelling.nearest("completion", COMMANDS)).isEqualTo("complete");
    assertThat(Spelling.nearest("xylophone", COMMANDS)).isEmpty();
  }

  @Test
  void amountsKeepTheDigitsThatMatter() {
    assertThat(Amounts.bytes(512)).isEqualTo("0.5 KiB");
    assertThat(Amounts.bytes(40_000_000)).isEqualTo("38.1 MiB");
    assertThat(Amounts.bytes(3L << 30)).isEqualTo("3.0 GiB");
    assertThat(Amounts.count(12_288)).isEqualTo("12,288");
    assertThat(Amounts.count(35_382_528)).isEqualTo("35.4 M");
    assertThat(Amounts.count(1_235_814_400)).isEqualTo("1.24 B");
  }

  @Test
  void aRateOfNothingIsADash() {
    assertThat(Statistics.rate(0, Duration.ofSeconds(1))).isEqualTo("–");
    assertThat(Statistics.rate(5, Duration.ZERO)).isEqualTo("–");
    assertThat(Statistics.rate(5, Duration.ofSeconds(2))).isEqualTo("2.5");
    assertThat(Statistics.rate(500, Duration.ofSeconds(2))).isEqualTo("250");
  }

  @Test
  void aMedianLiesInTheMiddle() {
    assertThat(new BenchMeasurement.Rates(new double[] {1, 2, 10}).median()).isEqualTo(2);
    assertThat(new BenchMeasurement.Rates(new double[] {1, 2, 4, 10}).median()).isEqualTo(3);
  }

  private record Inner(double value, float rate) {}

  private record Outer(String name, List<Inner> inner, Map<String, Long> counts, boolean flag) {}

  @Test
  void recordsBecomeJsonAndWhatJsonLacksBecomesNull() {
    Outer outer = new Outer("a \"b\"\n", List.of(new Inner(1.5, Float.NaN)), Map.of("k", 7L), true);
    JsonObject json = JsonObject.of(RecordJson.of(outer));
    assertThat(json.text("name")).isEqualTo("a \"b\"\n");
    assertThat(json.objects("inner").getFirst().number("value")).isEqualTo(1.5);
    assertThat(json.objects("inner").getFirst().text("rate")).isEqualTo("null");
    assertThat(json.object("counts").number("k")).isEqualTo(7);
    assertThat(json.flag("flag")).isTrue();
  }
}
