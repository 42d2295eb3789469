package dev.akvavit.cli;

import static java.util.stream.Collectors.joining;

import dev.akvavit.core.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code bench} measured, as a table in the shape that llama-bench made usual: {@code pp}
 * reads prompts, {@code tg} generates, {@code @ d} after that many tokens.
 *
 * @param reads what the machine's memory gave beside the repetitions, on as many threads
 * @param peaks what its arithmetic gives at most, measured likewise; F32 first
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
    ReadLog.Summary reads,
    List<Backend.Peak> peaks,
    List<Row> rows) {

  /**
   * One test.
   *
   * @param median tokens a second
   * @param tokenBytes that a token must read; NaN for prompts, whose tokens share what is read
   * @param tokenOperations that a token takes at least
   * @param readShare of what memory gave beside each repetition, the median; NaN for prompts
   * @param peakShares of each of the machine's peaks, in their order
   */
  record Row(
      String test,
      double median,
      double least,
      double most,
      int repetitions,
      double tokenBytes,
      double tokenOperations,
      double readShare,
      List<Double> peakShares) {}

  /** The table in Markdown. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    String kinds = peaks.stream().map(p -> " of " + p.arithmetic() + " |").collect(joining());
    lines.add(
        "| model | size | params | backend | threads | test | t/s | min..max | of reads |" + kinds);
    lines.add(
        "| --- | ---: | ---: | --- | ---: | --- | ---: | ---: | ---: |"
            + " ---: |".repeat(peaks.size()));
    for (Row row : rows) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %d | %s | %s | %s..%s | %s |%s",
              model,
              Amounts.bytes(weightBytes),
              Amounts.count(parameters),
              backend.replaceFirst(" \\(.*", ""),
              threads,
              row.test(),
              rate(row.median()),
              rate(row.least()),
              rate(row.most()),
              percent(row.readShare()),
              row.peakShares().stream().map(s -> " " + percent(s) + " |").collect(joining())));
    }
    return lines;
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  /** What the table's readers must know to compare it. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "%s, %s active a token, %,d bytes of cache a token"
            .formatted(modelType, Amounts.count(activeParameters), kvBytesPerToken));
    notes.add(backend + ", Java " + java);
    notes.add(
        "memory reads measured in this run, %d times: median %s (%s to %s); %s"
            .formatted(
                reads.times(),
                Amounts.gigabytesPerSecond(reads.median()),
                Amounts.gigabytesPerSecond(reads.least()),
                Amounts.gigabytesPerSecond(reads.most()),
                reads.probe()));
    notes.add(
        "\"of reads\": bytes a token must read (active weights and cache rows), times tokens a"
            + " second, by what memory gave right before and after; median of the repetitions");
    if (!peaks.isEmpty()) {
      notes.add(
          "arithmetic at most, measured in this run: "
              + peaks.stream()
                  .map(p -> p.arithmetic() + " " + Amounts.operationsPerSecond(p.operations()))
                  .collect(joining(", "))
              + "; \"of F32\": operations a token takes at least, times tokens a second, by that"
              + " rate, whatever the kernels compute in");
    }
    return List.copyOf(notes);
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 100 ? "%.2f" : "%.1f", perSecond);
  }
}
