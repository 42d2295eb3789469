package dev.akvavit.claims;

import java.util.List;

/** What only training can show, quoted with its own figures. */
final class QualityClaims {
  private static final String DENSE = "DeepSeek-V2, table 8: 7B dense models, 1.33 T tokens";
  private static final String MIXTURES = "DeepSeek-V2, table 9: MoE models of two sizes";

  private QualityClaims() {}

  static List<Claim> all() {
    return List.of(
        cited(
            "mqa-quality",
            "MQA is slightly worse than MHA",
            DENSE,
            "MHA",
            "slightly",
            "MMLU 37.9 for 45.2, C-Eval 30.0 for 42.9, BBH 33.2 for 37.0: not slightly"),
        cited(
            "gqa-quality",
            "GQA is slightly worse than MHA",
            DENSE,
            "MHA",
            "slightly",
            "with 8 groups MMLU 41.2 for 45.2, C-Eval 37.7 for 42.9, BBH 35.6 for 37.0"),
        cited(
            "mla-quality",
            "MLA is slightly better than MHA",
            MIXTURES,
            "MHA",
            "slightly better",
            "seven of eight: MMLU 50.0 for 48.7 and 59.0 for 57.5, C-Eval 50.9 for 51.6 (small)"),
        cited(
            "dsa-quality",
            "Sparse attention loses no quality",
            "DeepSeek-V3.2-Exp, table 1",
            "V3.1-Terminus",
            "on par",
            "MMLU-Pro 85.0 for 85.0, GPQA 79.9 for 80.7, HMMT 83.6 for 86.1, AIME 89.3 for 88.4"));
  }

  private static Claim cited(
      String id, String statement, String source, String baseline, String wording, String quoted) {
    return new Claim(
        id,
        Topic.QUALITY,
        statement,
        source,
        baseline,
        Published.words(wording),
        lab -> Finding.cited(quoted));
  }
}
