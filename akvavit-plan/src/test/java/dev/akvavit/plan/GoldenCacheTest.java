package dev.akvavit.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import org.junit.jupiter.api.Test;

/** Bytes and operations as other engines' logs and the papers print them. */
class GoldenCacheTest {
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;

  private static long cache(AttentionConfig attention, int layers, int tokens) {
    CapacityPlanner planner =
        new CapacityPlanner(Shapes.model(attention, layers, 1 << 21), Machine.pool(1L << 40));
    return planner.cacheBytes(scenario(tokens));
  }

  private static Scenario scenario(int tokens) {
    return new Scenario(1, tokens, 0, CacheTypes.of(DType.BF16), WeightType.BF16, 32, 512);
  }

  @Test
  void groupedQueries() {
    assertThat(cache(Shapes.grouped(32, 8, 128), 32, 32))
        .as("Llama-3.1-8B")
        .isEqualTo(131_072 * 32);
    // Qwen3-1.7B at its whole context: envoy's ai-gateway, issue 2400.
    assertThat(cache(Shapes.grouped(16, 8, 128), 28, 131_072) / GIB).isEqualTo(14.0);
  }

  @Test
  void latents() {
    // DeepSeek-V3 at 32,768 tokens: llama.cpp, pull request 11446, 244 + 1952 MiB.
    assertThat(cache(Shapes.latent(), 61, 32_768) / MIB).isEqualTo(2196.0);
    assertThat(cache(Shapes.latent(), 61, 32)).isEqualTo(70_272 * 32);
  }

  @Test
  void sparseAttentionAddsItsIndexKeys() {
    assertThat(cache(Shapes.sparse(IndexPrecision.F8), 61, 32)).isEqualTo(78_324 * 32);
    assertThat(cache(Shapes.sparse(IndexPrecision.EXACT), 61, 32))
        .isEqualTo((70_272 + 15_616) * 32);
  }

  @Test
  void publishedLayoutsThatThisEngineDoesNotAllocate() {
    AttentionConfig sparse = Shapes.sparse(IndexPrecision.F8);
    double narrow = variant(sparse, "MLA + DSA, FP8 rows").cache().bytesPerToken();
    assertThat(narrow).isEqualTo(61 * 788).isEqualTo(48_068);
    // SGLang, pull request 11309: what its pool held with and without the indexer.
    assertThat(narrow * 975_424 / GIB).isCloseTo(43.67, withinPercentage(0.02));
    double latents = variant(Shapes.latent(), "MLA, FP8 rows").cache().bytesPerToken();
    assertThat(latents * 1_462_784 / GIB).isCloseTo(54.52, withinPercentage(0.02));
    assertThat(variant(Shapes.latent(), "MLA expanded").cache().bytesPerToken())
        .isEqualTo(4_997_120);
  }

  @Test
  void mechanismsOfOneShape() {
    assertThat(variant(Shapes.latent(), "MHA").cache().bytesPerToken())
        .isEqualTo(61L * 2 * 2 * 128 * 128);
    assertThat(variant(Shapes.latent(), "GQA-8").cache().bytesPerToken())
        .isEqualTo(61L * 2 * 2 * 8 * 128);
    assertThat(variant(Shapes.latent(), "MQA").cache().bytesPerToken())
        .isEqualTo(61L * 2 * 2 * 128);
    // DeepSeek-V2, table 1: a latent is as large as 2.25 groups.
    AttentionConfig grouped = Shapes.grouped(32, 8, 128);
    assertThat(variant(grouped, "MLA").cache().bytesPerToken())
        .isEqualTo((long) (61 * 2 * 4.5 * 128));
    assertThat(
            Variant.of(
                Shapes.model(Shapes.grouped(71, 1, 64), 2, 100).shape(), CacheTypes.of(DType.BF16)))
        .as("71 heads make no 8 groups")
        .extracting(Variant::name)
        .containsExactly("MQA", "MHA", "MLA", "MLA + DSA");
  }

  @Test
  void arithmeticOfGeneratedTokens() {
    Variant dense = variant(Shapes.latent(), "MLA");
    assertThat(dense.flops(1)).as("absorbed, a cached token").isEqualTo(2176.0 * 128 * 61);
    Variant sparse = variant(Shapes.sparse(IndexPrecision.F8), "MLA + DSA top 2048");
    assertThat(sparse.flops(100_000))
        .isEqualTo(61 * (2048.0 * 2176 * 128 + 100_000.0 * 2 * 64 * 128));
    assertThat(sparse.bytesRead(100_000)).isEqualTo(61 * (2048.0 * 1152 + 100_000.0 * 132));
    assertThat(sparse.bytesRead(100_000)).isLessThan(dense.bytesRead(100_000) / 5);
    assertThat(sparse.cache().bytesPerToken()).isGreaterThan(dense.cache().bytesPerToken());
  }

  private static Variant variant(AttentionConfig attention, String name) {
    return Variant.of(Shapes.model(attention, 61, 1 << 20).shape(), CacheTypes.of(DType.BF16))
        .stream()
        .filter(v -> v.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
