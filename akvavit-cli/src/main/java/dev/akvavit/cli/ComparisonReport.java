package dev.akvavit.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Ours beside a peer's speed on the same file, measured in turn in one run.
 *
 * @param peer its program's name and build
 * @param peerNotes what its figures have in common and readers must know
 */
record ComparisonReport(
    String model,
    String backend,
    String java,
    String peer,
    int threads,
    int rounds,
    double readBytesPerSecond,
    List<String> peerNotes,
    List<Row> rows) {

  /**
   * One test.
   *
   * @param setting with which the peer was fastest in its trial
   * @param ratio of the medians, ours over the peer's
   * @param trials of the peer, one a setting, tokens a second; NaN where it failed
   */
  record Row(
      String test, Samples ours, Samples peer, String setting, double ratio, List<Trial> trials) {}

  /** How fast the peer was with a setting. */
  record Trial(String setting, double rate) {}

  /** Tokens a second, round by round. */
  record Samples(List<Double> rounds, double median, double least, double most) {
    static Samples of(double[] rounds) {
      double[] sorted = rounds.clone();
      Arrays.sort(sorted);
      BenchMeasurement.Rates rates = new BenchMeasurement.Rates(sorted);
      return new Samples(
          Arrays.stream(rounds).boxed().toList(), rates.median(), rates.least(), rates.most());
    }

    String show() {
      return String.format(Locale.ROOT, "%.2f | %.2f..%.2f", median, least, most);
    }
  }

  /** The table in Markdown. */
  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    String name = peer.replaceFirst(" .*", "");
    lines.add("| test | akvavit t/s | min..max | " + name + " t/s | min..max | with | ratio |");
    lines.add("| --- | ---: | ---: | ---: | ---: | --- | ---: |");
    for (Row row : rows) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %.2f |",
              row.test(),
              row.ours().show(),
              row.peer().show(),
              row.setting(),
              row.ratio()));
    }
    return lines;
  }

  /** What the table's readers must know. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add(model + ", " + threads + " threads, medians of " + rounds + " rounds, in turn");
    notes.add(backend + ", Java " + java);
    notes.add(peer + ", each test with the setting that was fastest in a trial before the rounds");
    notes.addAll(peerNotes);
    notes.add(
        "memory reads measured in this run: " + Amounts.gigabytesPerSecond(readBytesPerSecond));
    return notes;
  }
}
