package dev.akvavit.claims;

import dev.akvavit.claims.Finding.Case;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.DType;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.ModelConfig;
import java.util.List;

/** Sizes of caches, from the layouts that allocate them. */
final class CacheClaims {
  private static final String SECOND_HAND = "press and blogs";
  private static final String V3_AS_MHA = "deepseek-v3 as if it were MHA (it never was)";

  /** DeepSeek-V2, section 3.2.3: "6 bits on average". */
  private static final double V2_CACHE_BITS = 6;

  private CacheClaims() {}

  static List<Claim> all() {
    return List.of(
        new Claim(
            "mha-4mb",
            Topic.CACHE,
            "With MHA, V3 would leave 4 MB a token",
            SECOND_HAND,
            V3_AS_MHA,
            Published.figure("4", " MB"),
            lab ->
                Finding.derived(
                    "2 · heads · headDim · layers of deepseek-v3, in BF16",
                    bytes(Reshaped.multiHead(v3(lab))) / 1e6)),
        new Claim(
            "mqa-31kb",
            Topic.CACHE,
            "With MQA, V3 would leave 31 kB a token",
            SECOND_HAND,
            V3_AS_MHA,
            Published.figure("31", " kB"),
            lab ->
                Finding.derived(
                    "2 · headDim · layers of deepseek-v3, in BF16",
                    bytes(Reshaped.grouped(v3(lab), 1)) / 1e3)),
        new Claim(
            "mqa-128x",
            Topic.CACHE,
            "MQA makes V3's cache 128 times smaller",
            SECOND_HAND,
            V3_AS_MHA,
            Published.figure("128", "x"),
            lab ->
                Finding.derived(
                    "deepseek-v3 as MHA over as MQA: the number of heads",
                    ratio(Reshaped.multiHead(v3(lab)), Reshaped.grouped(v3(lab), 1)))),
        new Claim(
            "gqa-8x",
            Topic.CACHE,
            "GQA with 16 groups makes a cache 8 times smaller",
            SECOND_HAND,
            "the same model with MHA",
            Published.figure("8", "x"),
            lab ->
                Finding.derived(
                    "heads / 16: the factor hangs on the heads, not on the groups alone",
                    inSixteenGroups(lab, "deepseek-v3"),
                    inSixteenGroups(lab, "llama-3-70b"),
                    inSixteenGroups(lab, "llama-2-7b"))),
        new Claim(
            "mla-576",
            Topic.CACHE,
            "An MLA layer leaves 576 numbers a token",
            "DeepSeek-V2, section 2.1",
            "keys and values of every head",
            Published.figure("576", ""),
            lab ->
                Finding.derived(
                    "kvRank + ropeDim of each config",
                    aLayer(lab, "deepseek-v2"),
                    aLayer(lab, "deepseek-v3"),
                    aLayer(lab, "kimi-k2"),
                    aLayer(lab, "mistral-small-4"))),
        new Claim(
            "mla-57x",
            Topic.CACHE,
            "MLA makes V3's cache 57 times smaller",
            SECOND_HAND,
            V3_AS_MHA,
            Published.figure("57", "x"),
            lab ->
                Finding.derived(
                    "2 · heads · headDim / (kvRank + ropeDim) of deepseek-v3",
                    ratio(Reshaped.multiHead(v3(lab)), v3(lab)))),
        new Claim(
            "mla-smallest",
            Topic.CACHE,
            "Of all these mechanisms MLA has the smallest cache",
            SECOND_HAND,
            "the same model with MQA",
            Published.atMost(1, "x MQA's", "no larger than any"),
            lab ->
                Finding.derived(
                    "(kvRank + ropeDim) / (2 · headDim) of deepseek-v3; V2 claims the smallest at"
                        + " MHA's quality",
                    ratio(v3(lab), Reshaped.grouped(v3(lab), 1)))),
        new Claim(
            "kv-93",
            Topic.CACHE,
            "DeepSeek-V2 needs 93.3 % less cache",
            "DeepSeek-V2, abstract and section 3.2.3",
            "DeepSeek 67B, which is GQA-8 already",
            Published.figure("93.3", " %"),
            lab ->
                Finding.derived(
                    "bytes a token of deepseek-v2 and deepseek-67b; 6-bit rows as V2 was served",
                    saving("both in BF16", bytes(v2(lab)), bytes(lab.config("deepseek-67b"))),
                    saving(
                        "V2's rows in 6 bits",
                        Reshaped.elements(v2(lab)) * V2_CACHE_BITS / 8,
                        bytes(lab.config("deepseek-67b"))),
                    saving(
                        "V2's shape as MHA", bytes(v2(lab)), bytes(Reshaped.multiHead(v2(lab)))))),
        new Claim(
            "kv-72",
            Topic.CACHE,
            "V3's cache is 71.88 % smaller than Qwen2.5-72B's",
            "Junrulu/mla-codebased-analysis, 2025",
            "GQA-8 of 128-wide heads",
            Published.figure("71.88", " %"),
            lab ->
                Finding.derived(
                    "bytes a token of deepseek-v3 and qwen2.5-72b, which has more layers",
                    saving(
                        "one layer",
                        Reshaped.elementsOfALayer(v3(lab)),
                        Reshaped.elementsOfALayer(lab.config("qwen2.5-72b"))),
                    saving("whole models", bytes(v3(lab)), bytes(lab.config("qwen2.5-72b"))))),
        new Claim(
            "kv-14",
            Topic.CACHE,
            "The small ablation model with MLA needs 14 % of the cache",
            "DeepSeek-V2, table 9",
            "its twin with MHA",
            Published.figure("14", " %"),
            lab -> {
              ModelConfig lite = lab.config("deepseek-v2-lite");
              return Finding.derived(
                  "15.6 K and 110.6 K numbers: deepseek-v2-lite as it is and as MHA",
                  100 / ratio(Reshaped.multiHead(lite), lite));
            }),
        new Claim(
            "v32-memory",
            Topic.CACHE,
            "Sparse attention needs 30 to 40 % less memory",
            SECOND_HAND + "; DeepSeek published no such figure",
            "V3's latent rows in BF16",
            Published.between(30, 40, " %", "30–40 %"),
            lab ->
                Finding.derived(
                    "bytes a token and layer of deepseek-v3.2; FP8 rows as FlashMLA lays them out",
                    saving("DSA with BF16 rows", sparse(lab, false), dense(lab)),
                    saving("FP8 rows without DSA", narrow(lab), dense(lab)),
                    saving("DSA with FP8 rows", sparse(lab, true), dense(lab)))),
        new Claim(
            "as-allocated",
            Topic.CACHE,
            "Caches are allocated as the formulas say",
            "this engine",
            "2 · kvHeads · headDim or kvRank + ropeDim, 4 bytes each",
            Published.figure("1.000", " of the formula"),
            lab -> {
              AttentionSweep sweep = AttentionSweep.of(lab);
              return Finding.measured(
                  "bytes allocated over bytes expected, models of 16 heads",
                  sweep.mechanisms().stream()
                      .map(m -> new Case(m.name(), m.allocatedBytes() / (double) m.expectedBytes()))
                      .toArray(Case[]::new));
            }));
  }

  private static ModelConfig v2(Laboratory lab) {
    return lab.config("deepseek-v2");
  }

  private static ModelConfig v3(Laboratory lab) {
    return lab.config("deepseek-v3");
  }

  private static double bytes(ModelConfig c) {
    return c.kvBytesPerToken(DType.BF16);
  }

  private static double ratio(ModelConfig a, ModelConfig b) {
    return bytes(a) / bytes(b);
  }

  private static Case inSixteenGroups(Laboratory lab, String name) {
    ModelConfig mha = Reshaped.multiHead(lab.config(name));
    int heads = Reshaped.heads(mha.layers().getFirst().attention());
    return new Case(heads + " heads", ratio(mha, Reshaped.grouped(mha, 16)));
  }

  private static Case aLayer(Laboratory lab, String name) {
    return new Case(name, Reshaped.elementsOfALayer(lab.config(name)));
  }

  private static Case saving(String condition, double bytes, double baseline) {
    return new Case(condition, 100 * (1 - bytes / baseline));
  }

  private static double dense(Laboratory lab) {
    return Reshaped.latent(lab.config("deepseek-v3.2")).kvLayout(DType.BF16).bytesPerToken();
  }

  /** Latents in e4m3 with a factor for each 128, rotated parts in BF16. */
  private static double narrow(Laboratory lab) {
    var latent = Reshaped.latent(lab.config("deepseek-v3.2"));
    return KvLayout.of(
            new KvLayout.Plane("latent", 1, latent.kvRank(), DType.F8_E4M3),
            new KvLayout.Plane("scales", 1, Math.ceilDiv(latent.kvRank(), 128), DType.F32),
            new KvLayout.Plane("rope", 1, latent.ropeDim(), DType.BF16))
        .bytesPerToken();
  }

  /** With the indexer's keys, which are FP8 in either case. */
  private static double sparse(Laboratory lab, boolean fp8Rows) {
    ModelConfig c = lab.config("deepseek-v3.2");
    if (!(c.layers().getFirst().attention() instanceof SparseLatent s)) {
      return fp8Rows ? narrow(lab) : dense(lab); // without an indexer there are no keys to keep
    }
    long keys =
        KvLayout.of(
                new KvLayout.Plane("index keys", 1, s.indexer().dim(), DType.F8_E4M3),
                new KvLayout.Plane("index scale", 1, 1, DType.F32))
            .bytesPerToken();
    return keys + (fp8Rows ? narrow(lab) : dense(lab));
  }
}
