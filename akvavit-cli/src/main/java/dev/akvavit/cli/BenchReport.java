package dev.akvavit.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code bench} measured, as a table in the shape that llama-bench made usual: {@code pp}
 * reads prompts, {@code tg} generates, {@code @ d} after that many tokens.
 *
 * @param readBytesPerSecond of the machine, measured in the same run on as many threads
 */
record BenchReport(
    String model,
    String modelType,
    long weightBytes,
    long parameters,
    long activeParameters,
    long kvBytesPerToken,
    String backend,
    int threads,
    String java,
    double readBytesPerSecond,
    List<Row> rows) {

  /**
   * One test.
   *
   * @param readShare of the machine's reading rate that decoding achieved by the bytes it must
   *     read; NaN for prompts
   */
  record Row(
      String test, double median, double least, double most, int repetitions, double readShare) {}

  /** The table in Markdown. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| model | size | params | backend | threads | test | t/s | min..max | of read rate |");
    lines.add("| --- | ---: | ---: | --- | ---: | --- | ---: | ---: | ---: |");
    for (Row row : rows) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %d | %s | %s | %s..%s | %s |",
              model,
              Amounts.bytes(weightBytes),
              Amounts.count(parameters),
              backend.replaceFirst(" \\(.*", ""),
              threads,
              row.test(),
              rate(row.median()),
              rate(row.least()),
              rate(row.most()),
              Double.isNaN(row.readShare())
                  ? ""
                  : String.format(Locale.ROOT, "%.0f %%", 100 * row.readShare())));
    }
    return lines;
  }

  /** What the table's readers must know to compare it. */
  List<String> notes() {
    return List.of(
        "%s, %s active a token, %,d bytes of cache a token"
            .formatted(modelType, Amounts.count(activeParameters), kvBytesPerToken),
        backend + ", Java " + java,
        "memory reads measured in this run: "
            + Amounts.gigabytesPerSecond(readBytesPerSecond)
            + "; \"of read rate\": bytes a token must read (active weights and cache rows), times"
            + " tokens a second, by that rate");
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 100 ? "%.2f" : "%.1f", perSecond);
  }
}
