package dev.akvavit.claims;

import dev.akvavit.claims.Finding.Case;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.plan.Parameters;
import dev.akvavit.plan.PlannedModel;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Heads, ranks and parameters, from the configs that models are published with. */
final class ShapeClaims {
  private static final String CONFIG = "DeepSeek-V3, config.json and section 4.2";

  private ShapeClaims() {}

  static List<Claim> all() {
    return List.of(
        new Claim(
            "gqa-56",
            Topic.SHAPES,
            "A GQA model typically has 64 heads of 56",
            "Junrulu/mla-codebased-analysis, as retold",
            "hidden / heads, which says nothing of MLA: 7168 / 128 = 56",
            Published.figure("56", " wide"),
            lab ->
                Finding.derived(
                    "headDim of models with 64 heads, and nope + rope of V3",
                    new Case("llama-3-70b", Reshaped.width(first(lab, "llama-3-70b"))),
                    new Case("qwen2.5-72b", Reshaped.width(first(lab, "qwen2.5-72b"))),
                    new Case("deepseek-v3", queryWidth(lab)))),
        new Claim(
            "v3-heads",
            Topic.SHAPES,
            "V3 has 128 heads",
            CONFIG,
            "64 in most models of its width",
            Published.figure("128", ""),
            lab -> Finding.derived("deepseek-v3", Reshaped.heads(first(lab, "deepseek-v3")))),
        new Claim(
            "v3-qk-192",
            Topic.SHAPES,
            "V3's queries and keys are 192 wide: 128 + 64",
            CONFIG,
            "128 without a rotated part",
            Published.figure("192", " wide"),
            lab ->
                Finding.derived(
                    "qk_nope_head_dim + qk_rope_head_dim of deepseek-v3", queryWidth(lab))),
        new Claim(
            "v3-query-rank",
            Topic.SHAPES,
            "V3's query rank is 1536",
            CONFIG,
            "128 · 192 = 24,576 for all heads",
            Published.figure("1536", ""),
            lab -> Finding.derived("q_lora_rank of deepseek-v3", latent(lab).queryRank())),
        new Claim(
            "v3-kv-rank",
            Topic.SHAPES,
            "V3's latent is 512 long",
            CONFIG,
            "128 · 256 = 32,768 for all heads",
            Published.figure("512", ""),
            lab -> Finding.derived("kv_lora_rank of deepseek-v3", latent(lab).kvRank())),
        parameters("v2-236b", "DeepSeek-V2 has 236 B parameters", "236", "deepseek-v2", true),
        parameters(
            "v2-21b", "21 B of V2's parameters work for a token", "21", "deepseek-v2", false),
        parameters("v3-671b", "DeepSeek-V3 has 671 B parameters", "671", "deepseek-v3", true),
        new Claim(
            "v3-37b",
            Topic.SHAPES,
            "37 B of V3's parameters work for a token",
            "DeepSeek-V3, abstract",
            "all parameters",
            Published.figure("37", " B"),
            lab ->
                Finding.derived(
                    "tensors that the decoder of deepseek-v3 uses for a token",
                    new Case("embedding and head counted", active(lab, 0)),
                    new Case("one of the two counted", active(lab, 1)),
                    new Case("neither counted", active(lab, 2)))),
        new Claim(
            "falcon-mqa",
            Topic.SHAPES,
            "Falcon uses MQA",
            "press and blogs",
            "one head of keys and values",
            Published.figure("1", " key head"),
            lab ->
                Finding.derived(
                    "num_kv_heads and multi_query of each config",
                    new Case("falcon-7b", keyHeads(lab, "falcon-7b")),
                    new Case("falcon-40b", keyHeads(lab, "falcon-40b")))));
  }

  private static Claim parameters(
      String id, String statement, String billions, String shape, boolean all) {
    ToDoubleFunction<Parameters> count = all ? Parameters::total : Parameters::active;
    return new Claim(
        id,
        Topic.SHAPES,
        statement,
        shape.equals("deepseek-v2") ? "DeepSeek-V2, abstract" : "DeepSeek-V3, abstract",
        all ? "–" : "all parameters",
        Published.figure(billions, " B"),
        lab ->
            Finding.derived(
                "tensors that the decoder of " + shape + " asks for",
                count.applyAsDouble(lab.shape(shape).parameters()) / 1e9));
  }

  /** Billions, without some of the two tables: token embedding and output head. */
  private static double active(Laboratory lab, int tablesLeftOut) {
    PlannedModel m = lab.shape("deepseek-v3");
    ModelConfig c = m.config();
    long table = (long) c.vocabulary() * c.hidden();
    return (m.parameters().active() - tablesLeftOut * table) / 1e9;
  }

  private static AttentionConfig.Latent latent(Laboratory lab) {
    return Reshaped.latent(lab.config("deepseek-v3"));
  }

  private static double queryWidth(Laboratory lab) {
    return latent(lab).nopeDim() + latent(lab).ropeDim();
  }

  private static AttentionConfig first(Laboratory lab, String shape) {
    return lab.config(shape).layers().getFirst().attention();
  }

  private static double keyHeads(Laboratory lab, String shape) {
    return first(lab, shape) instanceof AttentionConfig.GroupedQuery g ? g.kvHeads() : 0;
  }
}
