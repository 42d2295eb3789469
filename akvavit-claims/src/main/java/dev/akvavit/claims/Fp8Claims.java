package dev.akvavit.claims;

import dev.akvavit.claims.Finding.Case;
import dev.akvavit.claims.OutlierTrial.Format;
import dev.akvavit.claims.OutlierTrial.Outcome;
import java.util.List;
import java.util.Locale;

/** Index keys in eight bits, and the transform before them. */
final class Fp8Claims {
  private static final String INDEXER = "DeepSeek-V3.2-Exp, inference/model.py";

  private Fp8Claims() {}

  static List<Claim> all() {
    return List.of(
        new Claim(
            "hadamard-exact",
            Topic.FP8,
            "A Hadamard transform of queries and keys leaves their products",
            INDEXER,
            "products before the transform",
            Published.atMost(1e-5, " of a product's spread", "exact"),
            lab ->
                Finding.measured(
                    "products of 128-wide random rows before and after, this engine's F32",
                    OutlierTrial.of(lab).productError())),
        new Claim(
            "hadamard-error",
            Topic.FP8,
            "The transform makes eight-bit keys with outliers more exact",
            INDEXER + ", as explained by others",
            "the same keys without the transform",
            Published.atLeast(1.2, "x", "less error"),
            lab -> {
              OutlierTrial trial = OutlierTrial.of(lab);
              return Finding.measured(
                  "error of scores without over with it; " + planted(),
                  new Case("e4m3 without outliers", trial.gain(Format.E4M3, false)),
                  new Case("e4m3 with outliers", trial.gain(Format.E4M3, true)),
                  new Case("INT8 with outliers", trial.gain(Format.INT8, true)));
            }),
        new Claim(
            "fp8-outliers",
            Topic.FP8,
            "Eight-bit keys choose the same tokens, outliers or not",
            INDEXER + ", as explained by others",
            "the top 256 of 4,096 by exact scores",
            Published.atLeast(95, " %", "nearly all"),
            lab -> {
              OutlierTrial trial = OutlierTrial.of(lab);
              return Finding.measured(
                  "top 256 that stay, outliers planted; " + planted(),
                  overlap(trial, Format.E4M3, false),
                  overlap(trial, Format.E4M3, true),
                  overlap(trial, Format.INT8, false),
                  overlap(trial, Format.INT8, true));
            }),
        new Claim(
            "fp8-index",
            Topic.FP8,
            "An index with FP8 keys chooses the same tokens",
            INDEXER,
            "the same model with exact index keys",
            Published.atLeast(97, " %", "nearly the same"),
            lab -> {
              IndexTrial trial = IndexTrial.of(lab);
              return Finding.measured(
                  String.format(
                      Locale.ROOT,
                      "the shipped model on %,d tokens of this program's sources, %,d choices",
                      trial.tokens(),
                      trial.choices()),
                  new Case("first layer", 100 * trial.firstLayer()),
                  new Case("all layers, differences adding up", 100 * trial.allLayers()));
            }));
  }

  private static String planted() {
    return OutlierTrial.OUTLIERS
        + " of "
        + OutlierTrial.DIM
        + " channels "
        + OutlierTrial.TIMES
        + " times the others";
  }

  private static Case overlap(OutlierTrial trial, Format format, boolean hadamard) {
    Outcome o = trial.outcome(format, true, hadamard);
    return new Case(format.label + (hadamard ? " after Hadamard" : " plain"), 100 * o.overlap());
  }
}
