package dev.akvavit.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How much faster several sequences generate together than one alone.
 *
 * @param readBytesPerSecond of the machine, measured in the same run on as many threads
 */
record BatchReport(
    String model,
    long weightBytes,
    String backend,
    int threads,
    String java,
    double readBytesPerSecond,
    int repetitions,
    List<Row> rows) {

  /**
   * One number of sequences at one depth.
   *
   * @param median tokens a second of all together
   * @param each of one sequence, at the median
   * @param ratio of the median to that of one sequence at this depth; NaN where that is not
   *     measured
   */
  record Row(
      String test,
      int batch,
      double median,
      double least,
      double most,
      double each,
      double ratio) {}

  static List<Row> rows(List<BatchTest> tests, List<BenchMeasurement.Rates> rates) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < tests.size(); i++) {
      BatchTest test = tests.get(i);
      BenchMeasurement.Rates found = rates.get(i);
      int alone = tests.indexOf(new BatchTest(1, test.tokens(), test.depth()));
      rows.add(
          new Row(
              test.name(),
              test.sequences(),
              found.median(),
              found.least(),
              found.most(),
              found.median() / test.sequences(),
              alone < 0 ? Double.NaN : found.median() / rates.get(alone).median()));
    }
    return rows;
  }

  /** The table in Markdown. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| model | size | backend | threads | test | batch | t/s | min..max | t/s each | to batch 1"
            + " |");
    lines.add("| --- | ---: | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    for (Row row : rows) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %d | %s | %d | %.2f | %.2f..%.2f | %.2f | %s |",
              model,
              Amounts.bytes(weightBytes),
              backend.replaceFirst(" \\(.*", ""),
              threads,
              row.test(),
              row.batch(),
              row.median(),
              row.least(),
              row.most(),
              row.each(),
              Double.isNaN(row.ratio()) ? "" : String.format(Locale.ROOT, "%.2fx", row.ratio())));
    }
    return lines;
  }

  /** What the table's readers must know. */
  List<String> notes() {
    return List.of(
        "all sequences of a batch generate in every step that counts, each after a prompt of its"
            + " own; medians of "
            + repetitions
            + " interleaved repetitions",
        backend + ", Java " + java,
        "memory reads measured in this run: " + Amounts.gigabytesPerSecond(readBytesPerSecond));
  }
}
