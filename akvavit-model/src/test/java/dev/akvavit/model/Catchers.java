package dev.akvavit.model;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Selection;
import dev.akvavit.model.GoldenModel.Chunk;
import dev.akvavit.model.GoldenModel.Golden;
import dev.akvavit.model.GoldenModel.Sequence;
import dev.akvavit.testkit.RandomWeights;
import dev.akvavit.testkit.ScalarBackend;
import dev.akvavit.testkit.WrappedBackend;
import dev.akvavit.testkit.naive.Approx;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The checks that planted errors are held against, by the name of the test they belong to. All on
 * the scalar oracle.
 */
final class Catchers {
  /** Enough to leave the window, the top k and the first pages; the oracle is slow. */
  private static final int TOKENS = 50;

  /**
   * Two roundings to 4 bits of each product leave this much of a top k alone; chance would leave
   * two fifths.
   */
  static final double F8_OVERLAP = 0.9;

  /** A check that prints as its name, and is equal to another of that name. */
  record Named(String name, Planted.Catcher catcher) implements Planted.Catcher {
    @Override
    public void check(UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> config) {
      catcher.check(ops, config);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Named n && n.name.equals(name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Catchers() {}

  static Planted.Catcher golden(String checkpoint) {
    return new Named(
        "GoldenTest.wholePrefill " + checkpoint, (ops, c) -> golden(checkpoint, 80, true, ops, c));
  }

  static Planted.Catcher goldenGenerated(String checkpoint) {
    return new Named(
        "GoldenTest.asGeneratedTokens " + checkpoint,
        (ops, c) -> golden(checkpoint, 1, false, ops, c));
  }

  private static void golden(
      String name,
      int chunk,
      boolean prompt,
      UnaryOperator<Ops> ops,
      UnaryOperator<ModelConfig> change) {
    Backend b = new WrappedBackend(new ScalarBackend(), ops);
    try (GoldenModel model =
        new GoldenModel(
            GoldenModel.folder(name),
            "config.json",
            b,
            IndexPrecision.EXACT,
            CacheTypes.of(DType.F32),
            1,
            change)) {
      GoldenTest.compare(model, name, () -> chunk, prompt, TOKENS);
    }
  }

  /** Both run damaged: an error shows when what it does depends on the schedule. */
  static Planted.Catcher invariance(String mechanism) {
    return new Named(
        "BatchInvarianceTest.togetherAsAlone " + mechanism,
        (ops, change) -> {
          ModelConfig config = change.apply(TinyModel.mechanisms().get(mechanism));
          Backend damaged = new WrappedBackend(new ScalarBackend(), ops);
          try (TinyModel alone = new TinyModel(config, damaged, DType.F32, Schedules.PAGES, 7);
              TinyModel together = new TinyModel(config, damaged, DType.F32, Schedules.PAGES, 7)) {
            Schedules schedules = new Schedules(together, alone, 8);
            for (int i = 0; i < 20; i++) {
              String difference = schedules.run(i);
              if (difference != null) {
                throw new AssertionError(difference);
              }
            }
          }
        });
  }

  /** The naive twin of grouped-query attention, on random shapes. */
  static Planted.Catcher groupedQueryTwin() {
    return new Named(
        "TwinTest.groupedQuery",
        (ops, change) -> {
          Backend damaged = new WrappedBackend(new ScalarBackend(), ops);
          for (int seed = 0; seed < TwinTest.CASES; seed++) {
            double deviations = TwinTest.groupedQueryDeviations(damaged, seed);
            if (!(deviations < Approx.DEVIATIONS)) {
              throw new AssertionError("seed " + seed + ": " + deviations + " standard deviations");
            }
          }
        });
  }

  /** The FP8 indexer chooses nearly what the reference chose in F32. */
  static Planted.Catcher indexerInF8() {
    return overlap("EquivalenceTest.indexerInF8 deepseek-v3.2", Catchers::overlapInF8);
  }

  /**
   * The same with keys whose largest elements lie on both sides of a power of two, so that factors
   * differ.
   */
  static Planted.Catcher factorsInF8() {
    return overlap("EquivalenceTest.factorsInF8", Catchers::overlapOfKinds);
  }

  private interface Overlap {
    double of(UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> config);
  }

  private static Planted.Catcher overlap(String name, Overlap overlap) {
    return new Named(
        name,
        (ops, change) -> {
          double found = overlap.of(ops, change);
          if (!(found >= F8_OVERLAP)) {
            throw new AssertionError("overlap " + found);
          }
        });
  }

  /** FP8 against F32 keys in a tiny model; part of the first layer's choices that agree. */
  static double overlapOfKinds(UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> change) {
    Map<Integer, int[]> exact = firstChoices("DSA", UnaryOperator.identity(), change);
    Map<Integer, int[]> rounded = firstChoices("DSA in FP8", ops, change);
    int both = 0;
    int all = 0;
    for (Map.Entry<Integer, int[]> e : exact.entrySet()) {
      all += e.getValue().length;
      for (int p : rounded.get(e.getKey())) {
        both += Arrays.binarySearch(e.getValue(), p) >= 0 ? 1 : 0;
      }
    }
    return (double) both / all;
  }

  private static Map<Integer, int[]> firstChoices(
      String mechanism, UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> change) {
    Map<Integer, int[]> choices = new TreeMap<>();
    ModelConfig config = change.apply(TinyModel.mechanisms().get(mechanism));
    try (TinyModel model =
        new TinyModel(config, new WrappedBackend(new ScalarBackend(), ops), DType.F32, 64, 7)) {
      model.decoder.observe(
          new Observer() {
            @Override
            public void selection(int layer, Selection selection, Batch batch) {
              for (int t = 8; t < batch.tokens() && layer == 0; t++) {
                choices.put(t, selection.positions(t));
              }
            }
          });
      model.batch.clear();
      model.add(
          TinyModel.randomIds(200, new Random(1)),
          0,
          200,
          IntStream.range(0, 64).toArray(),
          true,
          Batch.Logits.NONE);
      model.run();
    }
    return choices;
  }

  /** Part of the reference's choices that the FP8 indexer makes too, where there is a choice. */
  static double overlapInF8(UnaryOperator<Ops> ops, UnaryOperator<ModelConfig> change) {
    String name = "deepseek-v3.2";
    Backend b = new WrappedBackend(new ScalarBackend(), ops);
    try (Golden golden = new Golden(GoldenModel.folder(name));
        GoldenModel model =
            new GoldenModel(
                GoldenModel.folder(name),
                "config.json",
                b,
                IndexPrecision.F8,
                CacheTypes.of(DType.F32),
                1,
                change)) {
      Sequence s = new Sequence(golden.ints("input_ids"));
      model.step(List.of(new Chunk(s, s.ids.length, true)));
      int both = 0;
      int all = 0;
      for (int t = 16; t < s.ids.length; t++) {
        // The first layer: later ones see what the first one's choices made of the hidden state.
        int[] expected = golden.selected(0, t, s.ids.length);
        all += expected.length;
        for (int p : s.selected.get(0).get(t)) {
          both += Arrays.binarySearch(expected, p) >= 0 ? 1 : 0;
        }
      }
      return (double) both / all;
    }
  }

  /** With equal scores everywhere the first positions are chosen. */
  static Planted.Catcher ties() {
    return new Named(
        "EquivalenceTest.tiesGoToTheLowerPosition",
        (ops, change) -> {
          ModelConfig config = change.apply(TinyModel.mechanisms().get("DSA"));
          Backend b = new WrappedBackend(new ScalarBackend(), ops);
          try (TinyModel model =
              new TinyModel(config, b, CacheTypes.of(DType.F32), 16, 7, Catchers::noHeadWeights)) {
            int[] pages = IntStream.range(0, 16).toArray();
            model.batch.clear();
            model.add(TinyModel.randomIds(20, new Random(1)), 0, 20, pages, true, Batch.Logits.ALL);
            model.decoder.observe(
                new Observer() {
                  @Override
                  public void selection(int layer, Selection selection, Batch batch) {
                    for (int t = 5; t < 20; t++) {
                      if (!Arrays.equals(selection.positions(t), new int[] {0, 1, 2, 3, 4})) {
                        throw new AssertionError(
                            "position " + t + ": " + Arrays.toString(selection.positions(t)));
                      }
                    }
                  }
                });
            model.run();
          }
        });
  }

  /** All scores become zero. */
  private static void noHeadWeights(RandomWeights weights) {
    for (int layer = 0; layer < 2; layer++) {
      weights.put(
          "model.layers." + layer + ".self_attn.indexer.weights_proj.weight", new float[5 * 24]);
    }
  }
}
