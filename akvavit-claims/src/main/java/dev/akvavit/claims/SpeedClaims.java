package dev.akvavit.claims;

import dev.akvavit.claims.AttentionSweep.Mechanism;
import dev.akvavit.claims.Finding.Case;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.plan.AttentionCost;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Time, throughput and money. */
final class SpeedClaims {
  /** H100 SXM: 989 TFLOP/s of dense BF16 over 3.35 TB/s (NVIDIA's data sheet). */
  private static final double GPU_BALANCE = 989.0 / 3.35;

  private static final String BALANCE =
      "H100: 989 TFLOP/s over 3.35 TB/s are 295 operations a byte";

  /** DeepSeek-V2, section 3.2.3: thousands of H800 hours for a trillion tokens. */
  private static final double V2_HOURS = 172.8;

  private static final double DENSE_67B_HOURS = 300.6;

  private SpeedClaims() {}

  static List<Claim> all() {
    return List.of(
        new Claim(
            "kv-caching",
            Topic.SPEED,
            "A cache makes the next token much cheaper",
            "common knowledge",
            "computing the whole text again",
            Published.atLeast(2, "x", "much cheaper"),
            lab -> {
              CachingTrial trial = CachingTrial.of(lab);
              List<Case> cases = new ArrayList<>();
              for (int i = 0; i < trial.contexts().size(); i += 2) {
                cases.add(
                    new Case(
                        trial.contexts().get(i) + " tokens",
                        trial.recomputed()[i] / trial.cached()[i]));
              }
              return Finding.measured(CachingTrial.SUBJECT, cases.toArray(Case[]::new));
            }),
        new Claim(
            "decode-memory",
            Topic.SPEED,
            "Generating is bound by memory",
            "common knowledge; roofline model",
            BALANCE,
            Published.atMost(GPU_BALANCE, " op/B", "fewer operations a byte"),
            lab ->
                Finding.derived(
                    "operations over bytes of a cached BF16 row, deepseek-v3 and as the others",
                    intensities(lab))),
        new Claim(
            "prefill-compute",
            Topic.SPEED,
            "Reading a prompt is bound by arithmetic",
            "common knowledge; roofline model",
            BALANCE,
            Published.atLeast(GPU_BALANCE, " op/B", "more operations a byte"),
            lab ->
                Finding.derived(
                    "2 operations a BF16 weight and token, llama-3.1-8b read once a prompt",
                    prompt(lab, 64),
                    prompt(lab, 512),
                    prompt(lab, 4096))),
        new Claim(
            "smaller-faster",
            Topic.SPEED,
            "A cache so many times smaller decodes so many times faster",
            "press and blogs",
            "MHA of equal heads, at the longest context measured",
            Published.between(75, 125, " % of it", "in proportion"),
            SpeedClaims::proportion),
        new Claim(
            "v2-throughput",
            Topic.SPEED,
            "V2 generates 5.76 times more tokens a second",
            "DeepSeek-V2, abstract: 8 H800, FP8 weights, 6-bit cache",
            "DeepSeek 67B",
            Published.figure("5.76", "x"),
            SpeedClaims::throughput),
        new Claim(
            "v2-training",
            Topic.SPEED,
            "V2 saves 42.5 % of the training cost",
            "DeepSeek-V2, abstract and section 3.2.3",
            "DeepSeek 67B",
            Published.figure("42.5", " %"),
            lab ->
                Finding.derived(
                    "172.8 K for 300.6 K GPU hours; 6 operations an active parameter and token",
                    new Case("GPU hours as published", 100 * (1 - V2_HOURS / DENSE_67B_HOURS)),
                    new Case(
                        "operations",
                        100
                            * (1
                                - (double) lab.shape("deepseek-v2").parameters().active()
                                    / lab.shape("deepseek-67b").parameters().active())))),
        new Claim(
            "mtp-1.8x",
            Topic.SPEED,
            "Predicting two tokens at once makes V3 1.8 times faster",
            "DeepSeek-V3, section 5.4.3",
            "one token a step",
            Published.figure("1.8", "x"),
            lab ->
                Finding.analogue(
                    "published acceptance 85 to 90 %; this engine leaves out that layer, and no"
                        + " small checkpoint has one")),
        new Claim(
            "v3-6m",
            Topic.SPEED,
            "V3 cost $6 M to train",
            "DeepSeek-V3, table 1, as retold",
            "–",
            Published.words("$5.576 M"),
            lab ->
                Finding.cited(
                    "2,788 K H800 hours at an assumed $2; without research, trials and"
                        + " machines")));
  }

  private static Case[] intensities(Laboratory lab) {
    ModelConfig v3 = lab.config("deepseek-v3");
    return Stream.of(Reshaped.multiHead(v3), Reshaped.grouped(v3, 8), Reshaped.grouped(v3, 1), v3)
        .map(c -> c.layers().getFirst().attention())
        .map(a -> new Case(a.mechanism(), intensity(a)))
        .toArray(Case[]::new);
  }

  private static double intensity(AttentionConfig attention) {
    AttentionCost cost = AttentionCost.of(attention, DType.BF16);
    return (double) cost.attendedFlops() / cost.attendedBytes();
  }

  private static Case prompt(Laboratory lab, int tokens) {
    double weights = lab.shape("llama-3.1-8b").parameters().active();
    return new Case(tokens + " tokens", 2 * weights * tokens / DType.BF16.bytes((long) weights));
  }

  private static Finding proportion(Laboratory lab) {
    AttentionSweep sweep = AttentionSweep.of(lab);
    Mechanism mha = sweep.mechanism(AttentionSweep.MHA);
    int last = mha.decode().length - 1;
    List<Case> cases = new ArrayList<>();
    List<String> pairs = new ArrayList<>();
    for (String name : List.of(AttentionSweep.GQA, AttentionSweep.MQA, AttentionSweep.MLA)) {
      Mechanism m = sweep.mechanism(name);
      double smaller = (double) mha.allocatedBytes() / m.allocatedBytes();
      double faster = mha.decode()[last] / m.decode()[last];
      pairs.add(String.format(Locale.ROOT, "%s %.1fx and %.1fx", name, smaller, faster));
      cases.add(new Case(name, 100 * faster / smaller));
    }
    String both = String.join(", ", pairs) + ", at " + sweep.tokens().get(last) + " tokens; ";
    return Finding.measured(
        "smaller and faster: " + both + sweep.subject(lab), cases.toArray(Case[]::new));
  }

  private static Finding throughput(Laboratory lab) {
    BatchTrial trial = BatchTrial.of(lab);
    BatchTrial.Mechanism mla = trial.mechanism(BatchTrial.MLA);
    List<Case> cases = new ArrayList<>();
    for (String other : List.of(BatchTrial.GQA, BatchTrial.MHA)) {
      BatchTrial.Mechanism m = trial.mechanism(other);
      cases.add(new Case("sequences, MLA for " + other, (double) mla.sequences() / m.sequences()));
      cases.add(
          new Case("tokens/s, MLA for " + other, mla.tokensPerSecond() / m.tokensPerSecond()));
    }
    return Finding.analogue(
        "all that fit 128 MiB of cache decoded at once on this CPU; " + BatchTrial.SUBJECT,
        cases.toArray(Case[]::new));
  }
}
