package dev.akvavit.claims;

import dev.akvavit.claims.AttentionSweep.Mechanism;
import dev.akvavit.claims.Finding.Case;
import dev.akvavit.core.DType;
import dev.akvavit.plan.AttentionCost;
import java.util.ArrayList;
import java.util.List;

/** DeepSeek sparse attention: what it saves, from which context on, by operations and by clock. */
final class SparseClaims {
  private static final String OPERATIONS =
      "2 · heads · (2 · kvRank + ropeDim) a row attended, 2 · index heads · dim a row scanned";

  private SparseClaims() {}

  static List<Claim> all() {
    List<Claim> all = new ArrayList<>();
    all.add(operations("dsa-8k", 8, "3.2"));
    all.add(operations("dsa-32k", 32, "8.2"));
    all.add(operations("dsa-128k", 128, "13.4"));
    all.add(
        new Claim(
            "dsa-linear",
            Topic.SPARSE,
            "Sparse attention turns O(L²) into O(L·k): a token's cost does not grow",
            "DeepSeek-V3.2-Exp, section 2.1",
            "dense attention: 2x when the context doubles",
            Published.between(0.9, 1.1, "x", "1x when the context doubles"),
            SparseClaims::growth));
    all.add(
        new Claim(
            "dsa-2-3x",
            Topic.SPARSE,
            "Sparse attention is 2 to 3 times faster on long texts",
            "press; not in the paper",
            "dense MLA",
            Published.between(2, 3, "x", "2–3x"),
            SparseClaims::decodeGains));
    all.add(
        new Claim(
            "dsa-prompts",
            Topic.SPARSE,
            "Sparse attention makes long prompts faster too",
            "DeepSeek-V3.2-Exp, figure 3",
            "dense MLA, which expands keys for prompts",
            Published.atLeast(1, "x", "cheaper"),
            SparseClaims::promptGains));
    all.add(
        new Claim(
            "dsa-crossover",
            Topic.SPARSE,
            "With k = 2048 sparse decoding pays from 3,000 tokens on",
            "FlashMLA's documentation, on H800",
            "dense decoding",
            Published.between(2500, 3500, " tokens", "≈ 3000 tokens"),
            SparseClaims::crossover));
    all.add(
        new Claim(
            "dsa-price",
            Topic.SPARSE,
            "Sparse attention halved API prices",
            "DeepSeek's announcement of 29 September 2025",
            "V3.1-Terminus",
            Published.words("50 % and more"),
            lab ->
                Finding.cited(
                    "$0.56 to $0.28 a million input tokens, $1.68 to $0.42 output: a decision, not"
                        + " a measurement")));
    return List.copyOf(all);
  }

  private static AttentionCost dense(Laboratory lab) {
    return AttentionCost.of(Reshaped.latent(lab.config("deepseek-v3.2")), DType.BF16);
  }

  private static AttentionCost sparse(Laboratory lab) {
    return AttentionCost.of(
        lab.config("deepseek-v3.2").layers().getFirst().attention(), DType.BF16);
  }

  private static Claim operations(String id, int thousands, String times) {
    int context = thousands * 1024;
    return new Claim(
        id,
        Topic.SPARSE,
        "At " + thousands + "K sparse attention needs " + times + " times fewer operations",
        "DeepSeek-V3.2's config; our arithmetic",
        "the same layer without an index",
        Published.figure(times, "x"),
        lab -> Finding.derived(OPERATIONS, dense(lab).flops(context) / sparse(lab).flops(context)));
  }

  private static Finding growth(Laboratory lab) {
    AttentionSweep sweep = AttentionSweep.of(lab);
    AttentionCost cost = sparse(lab);
    int to = sweep.tokens().getLast() * sweep.scale();
    double core = (double) attended(cost, to) / attended(cost, to / 2);
    Mechanism measured = sweep.mechanism(AttentionSweep.DSA);
    int last = measured.decode().length - 1;
    return Finding.measured(
        "from " + k(to / 2) + " to " + k(to) + "; " + sweep.subject(lab),
        new Case("the attention itself, by operations", core),
        new Case("the index, by operations", cost.scannedFlops() == 0 ? 0 : 2),
        new Case("a token, measured", measured.decode()[last] / measured.decode()[last - 1]));
  }

  private static int attended(AttentionCost cost, int context) {
    return cost.limit() == 0 ? context : Math.min(context, cost.limit());
  }

  private static Finding decodeGains(Laboratory lab) {
    AttentionSweep sweep = AttentionSweep.of(lab);
    double[] dense = sweep.mechanism(AttentionSweep.MLA).decode();
    double[] sparse = sweep.mechanism(AttentionSweep.DSA).decode();
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < dense.length; i++) {
      int context = sweep.tokens().get(i) * sweep.scale();
      if (context >= 8192) {
        cases.add(new Case(k(context), dense[i] / sparse[i]));
      }
    }
    return Finding.measured(sweep.subject(lab), cases.toArray(Case[]::new));
  }

  private static Finding promptGains(Laboratory lab) {
    AttentionSweep sweep = AttentionSweep.of(lab);
    double[] dense = sweep.mechanism(AttentionSweep.MLA).prefill();
    double[] sparse = sweep.mechanism(AttentionSweep.DSA).prefill();
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < dense.length; i++) {
      cases.add(new Case(k(sweep.prompts().get(i) * sweep.scale()), dense[i] / sparse[i]));
    }
    return Finding.measured(
        "chunks of " + AttentionSweep.CHUNK + "; " + sweep.subject(lab),
        cases.toArray(Case[]::new));
  }

  private static Finding crossover(Laboratory lab) {
    AttentionSweep sweep = AttentionSweep.of(lab);
    AttentionCost sparse = sparse(lab);
    double saved = dense(lab).attendedFlops() - sparse.scannedFlops();
    double operations = (double) sparse.attendedFlops() * sparse.limit() / saved;
    double measured =
        sweep.scale()
            * AttentionSweep.crossover(
                sweep.tokens(),
                sweep.mechanism(AttentionSweep.MLA).decode(),
                sweep.mechanism(AttentionSweep.DSA).decode());
    return Finding.measured(
        sweep.subject(lab),
        new Case("by operations", operations),
        new Case("measured here", measured));
  }

  /** Contexts in units of 1,024. */
  private static String k(int context) {
    return context / 1024 + "K";
  }
}
