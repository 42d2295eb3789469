package dev.akvavit.claims;

import dev.akvavit.claims.AttentionSweep.Mechanism;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.plan.AttentionCost;
import dev.akvavit.plan.Parameters;
import dev.akvavit.report.Axis;
import dev.akvavit.report.BarChart;
import dev.akvavit.report.LineChart;
import dev.akvavit.report.LineChart.Line;
import dev.akvavit.report.LineChart.Point;
import dev.akvavit.report.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The curves of the story, from the experiments that the claims rest on. */
final class StoryCharts {
  private final Laboratory lab;

  StoryCharts(Laboratory lab) {
    this.lab = lab;
  }

  LineChart caching() {
    CachingTrial trial = CachingTrial.of(lab);
    return new LineChart(
        "The next token, with a cache and without",
        "Measured: " + CachingTrial.SUBJECT + ".",
        Axis.log("tokens before it", Unit.TOKENS),
        Axis.log("time", Unit.SECONDS),
        List.of(
            new Line("with a cache", points(trial.contexts(), 1, trial.cached()), true),
            new Line("all computed again", points(trial.contexts(), 1, trial.recomputed()))));
  }

  BarChart cacheSizes() {
    ModelConfig v3 = lab.config("deepseek-v3");
    List<String> names = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    Stream.of(Reshaped.multiHead(v3), Reshaped.grouped(v3, 8), v3, Reshaped.grouped(v3, 1))
        .forEach(c -> {
          names.add(c.layers().getFirst().attention().mechanism());
          bytes.add((double) c.kvBytesPerToken(DType.BF16));
        });
    return new BarChart(
        "What one token leaves in the cache of a model of V3's shape",
        "Derived from its config: 128 heads, 61 layers, two bytes a number.",
        Axis.linear("bytes a token", Unit.BYTES),
        names,
        List.of(new BarChart.Group("bytes a token", bytes)));
  }

  LineChart decoding(String title, String... mechanisms) {
    AttentionSweep sweep = AttentionSweep.of(lab);
    List<Line> lines = new ArrayList<>();
    for (String name : mechanisms) {
      boolean last = name.equals(mechanisms[mechanisms.length - 1]);
      Mechanism m = sweep.mechanism(name);
      lines.add(new Line(name, points(sweep.tokens(), 1, m.decode()), last));
    }
    return new LineChart(
        title,
        "Measured: " + sweep.subject(lab) + ".",
        Axis.log("tokens in the cache", Unit.TOKENS),
        Axis.log("time of a token", Unit.SECONDS),
        lines);
  }

  LineChart energy() {
    SpectrumTrial trial = SpectrumTrial.of(lab);
    return new LineChart(
        "How much of all heads' keys and values a shorter latent would keep",
        "Measured: singular values of kv_b_proj of the model that ships, mean of its layers.",
        Axis.linear("numbers in the latent", Unit.NUMBER),
        Axis.linear("energy kept", Unit.PERCENT),
        List.of(
            new Line("trained", byRank(trial.kept()), true),
            new Line("random matrix", byRank(trial.random()))));
  }

  private static List<Point> byRank(double[] kept) {
    return IntStream.iterate(0, r -> r < kept.length, r -> r + kept.length / 8)
        .mapToObj(r -> new Point(r, kept[r]))
        .toList();
  }

  /** How many times less sparse attention costs, counted and by clock. */
  LineChart sparseGain() {
    AttentionSweep sweep = AttentionSweep.of(lab);
    Mechanism dense = sweep.mechanism(AttentionSweep.MLA);
    Mechanism sparse = sweep.mechanism(AttentionSweep.DSA);
    AttentionConfig config = lab.config("deepseek-v3.2").layers().getFirst().attention();
    AttentionCost without =
        AttentionCost.of(Reshaped.latent(lab.config("deepseek-v3.2")), DType.BF16);
    AttentionCost with = AttentionCost.of(config, DType.BF16);
    List<Point> counted =
        sweep.tokens().stream()
            .map(t -> t * sweep.scale())
            .map(t -> new Point(t, without.flops(t) / with.flops(t)))
            .toList();
    return new LineChart(
        "How many times faster sparse attention is",
        "Operations counted for V3.2, times measured: "
            + sweep.subject(lab)
            + ", contexts in V3.2's measure.",
        Axis.log("context", Unit.TOKENS),
        Axis.log("times", Unit.FACTOR),
        List.of(
            new Line("operations", counted),
            new Line("a token", gains(sweep.tokens(), dense.decode(), sparse.decode()), true),
            new Line("a prompt", gains(sweep.prompts(), dense.prefill(), sparse.prefill()))));
  }

  private static List<Point> gains(List<Integer> contexts, double[] slow, double[] fast) {
    return points(
        contexts,
        AttentionSweep.SCALE,
        IntStream.range(0, slow.length).mapToDouble(i -> slow[i] / fast[i]).toArray());
  }

  BarChart overlaps() {
    OutlierTrial trial = OutlierTrial.of(lab);
    List<OutlierTrial.Outcome> planted =
        trial.outcomes().stream().filter(OutlierTrial.Outcome::outliers).toList();
    return new BarChart(
        "Tokens that eight-bit keys choose rightly, outliers planted",
        OutlierTrial.OUTLIERS
            + " of "
            + OutlierTrial.DIM
            + " channels are "
            + OutlierTrial.TIMES
            + " times the others; measured on random keys.",
        Axis.linear("of the top 256", Unit.PERCENT),
        planted.stream()
            .map(o -> o.format().label + (o.hadamard() ? " after Hadamard" : ""))
            .toList(),
        List.of(
            new BarChart.Group(
                "overlap", planted.stream().map(OutlierTrial.Outcome::overlap).toList())));
  }

  /** The layer whose experts tell code from comments best. */
  BarChart experts() {
    ExpertTrial trial = ExpertTrial.of(lab);
    int layer = trial.sharpest();
    return new BarChart(
        "Who is called for code, who for comments",
        "Measured: one layer of the model that ships, on the sources of this program. An equal"
            + " share is 1 of "
            + trial.code()[layer].length
            + ".",
        Axis.linear("share of the calls", Unit.PERCENT),
        IntStream.range(0, trial.code()[layer].length).mapToObj(e -> "expert " + e).toList(),
        List.of(
            new BarChart.Group("code", boxed(trial.code()[layer])),
            new BarChart.Group("comments", boxed(trial.comments()[layer]))));
  }

  BarChart parameters() {
    List<String> names = List.of("deepseek-67b", "deepseek-v2", "deepseek-v3");
    List<Parameters> all = names.stream().map(n -> lab.shape(n).parameters()).toList();
    return new BarChart(
        "Parameters kept, and parameters that work for a token",
        "Derived from the configs.",
        Axis.linear("parameters", Unit.NUMBER),
        names,
        List.of(
            new BarChart.Group("kept", all.stream().map(p -> (double) p.total()).toList()),
            new BarChart.Group("at work", all.stream().map(p -> (double) p.active()).toList())));
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static List<Point> points(List<Integer> x, int scale, double[] y) {
    return IntStream.range(0, y.length)
        .mapToObj(i -> new Point((double) x.get(i) * scale, y[i]))
        .toList();
  }
}
