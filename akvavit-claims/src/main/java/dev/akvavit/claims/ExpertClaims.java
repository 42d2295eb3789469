package dev.akvavit.claims;

import dev.akvavit.claims.Finding.Case;
import dev.akvavit.plan.Parameters;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Experts: what they cost, how evenly they work, and at what. */
final class ExpertClaims {
  private ExpertClaims() {}

  static List<Claim> all() {
    return List.of(
        new Claim(
            "moe-feels",
            Topic.EXPERTS,
            "Its experts make V3's 671 B feel like 37 B",
            "press and blogs",
            "a dense model of 671 B",
            Published.figure("37", " B"),
            lab -> {
              Parameters p = lab.shape("deepseek-v3").parameters();
              long table =
                  (long) lab.config("deepseek-v3").vocabulary()
                      * lab.config("deepseek-v3").hidden();
              return Finding.derived(
                  "parameters of deepseek-v3: multiplied for a token; that memory must hold",
                  new Case("arithmetic", (p.active() - table) / 1e9),
                  new Case("memory", p.total() / 1e9));
            }),
        new Claim(
            "experts-specialise",
            Topic.EXPERTS,
            "Experts specialise",
            "DeepSeekMoE (Dai et al. 2024)",
            "two halves of the same kind of text",
            Published.atLeast(2, "x as far apart", "clearly"),
            lab -> {
              ExpertTrial trial = ExpertTrial.of(lab);
              return Finding.measured(
                  String.format(
                      Locale.ROOT,
                      "calls for code and for comments differ by %.0f %%, for halves of one kind by"
                          + " %.0f %%; the shipped model, %,d tokens",
                      100 * trial.between(),
                      100 * trial.within(),
                      trial.tokens()),
                  trial.between() / trial.within());
            }),
        new Claim(
            "experts-balanced",
            Topic.EXPERTS,
            "Experts are loaded evenly without an auxiliary loss",
            "DeepSeek-V3, section 2.1.2",
            "an equal share for each",
            Published.atMost(2, "x an equal share", "evenly"),
            lab -> {
              ExpertTrial trial = ExpertTrial.of(lab);
              double[] busiest = trial.busiest();
              return Finding.measured(
                  String.format(
                      Locale.ROOT,
                      "the busiest expert of a layer; the shipped model, %,d tokens, code and"
                          + " comments alike",
                      trial.tokens()),
                  new Case("the mean layer", Arrays.stream(busiest).average().orElse(0)),
                  new Case("the worst layer", Arrays.stream(busiest).max().orElse(0)));
            }));
  }
}
