package dev.akvavit.claims;

import java.util.List;

/** What things are called, and who made or uses them; where the words come from. */
final class NameClaims {
  private NameClaims() {}

  static List<Claim> all() {
    return List.of(
        cited(
            "name-mla",
            "Local",
            "MLA is Multi-head Local Attention",
            "DeepSeek-V2, title and abstract: Multi-head Latent Attention"),
        cited(
            "name-gqa",
            "Generalized",
            "GQA is Generalized Query Attention",
            "Ainslie et al. 2023, DeepSeek-V2 section 1: Grouped-Query Attention"),
        cited(
            "v4-mla",
            "MLA",
            "DeepSeek-V4 uses MLA",
            "its inference/model.py: one shared vector of 512 as key and value, compressed (CSA,"
                + " HCA)"),
        cited(
            "nsa-v32",
            "NSA",
            "V3.2 and V4 use Native Sparse Attention",
            "V3.2-Exp report: DSA, the top tokens over MLA; V4 report: CSA and HCA"),
        cited(
            "int8-indexer",
            "INT8",
            "The lightning indexer computes in INT8",
            "V3.2-Exp, inference/kernel.py: FP8 e4m3 with a factor a row; head weights stay F32"));
  }

  private static Claim cited(String id, String word, String statement, String right) {
    return new Claim(
        id,
        Topic.NAMES,
        statement,
        "press and blogs",
        "–",
        Published.words(word),
        lab -> Finding.cited(right));
  }
}
