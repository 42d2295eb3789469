package dev.akvavit.claims;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.Planning;
import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.plan.Parameters;
import dev.akvavit.plan.PlannedModel;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Verdicts follow from configs: with another config they are others. */
class ClaimsTest {
  private static final Laboratory AS_PUBLISHED = TrialsTest.LAB;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mha-4mb | right | 4.0 MB
          mqa-31kb | right | 31.2 kB
          mqa-128x | right | 128x
          gqa-8x | right only for 128 heads | 128 heads: 8x; 64 heads: 4x; 32 heads: 2x
          mla-57x | right | 56.9x
          mla-smallest | wrong | 2.3x MQA's
          kv-93 | right only for V2's rows in 6 bits | 93.34 %
          kv-72 | right only for one layer | 78.555 %
          kv-14 | right | 14.1 %
          v32-memory | right only for DSA with FP8 rows | -11.5 %
          gqa-56 | wrong | deepseek-v3: 192
          v3-qk-192 | right | 192 wide
          v3-query-rank | right | 1,536
          v2-236b | right | 235.7 B
          v2-21b | right | 21.4 B
          v3-671b | right | 671.0 B
          v3-37b | right only for one of the two counted | 37.6 B
          falcon-mqa | right only for falcon-7b | falcon-40b: 8
          dsa-8k | right | 3.24x
          dsa-32k | right | 8.24x
          dsa-128k | right | 13.43x
          decode-memory | right | MLA: 241.8 op/B
          v2-training | right only for GPU hours as published | 42.51 %
          moe-feels | right only for arithmetic | memory: 671.0 B
          dsa-price | cited only | –
          mtp-1.8x | not reproducible here | –
          """)
  void verdictsOnWhatIsPublished(String id, String verdict, String value) {
    Checked c = check(id, AS_PUBLISHED);
    assertThat(c.verdict()).isEqualTo(verdict);
    assertThat(c.value()).contains(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mha-4mb | wrong | 2.0 MB
          mqa-128x | wrong | 64x
          gqa-8x | wrong | 64 heads: 4x
          mla-57x | wrong | 28.4x
          v3-heads | wrong | 64
          mqa-31kb | right | 31.2 kB
          """)
  void withHalfTheHeadsTheyAreOthers(String id, String verdict, String value) {
    Checked c = check(id, with("deepseek-v3", a -> Reshaped.narrowed((Latent) a, 2)));
    assertThat(c.verdict()).isEqualTo(verdict);
    assertThat(c.value()).contains(value);
  }

  @Test
  void aLongerLatentIsAnotherRatio() {
    Laboratory lab = with("deepseek-v3", a -> latent((Latent) a, 1024, ((Latent) a).rope()));
    assertThat(check("mla-576", lab).verdict()).doesNotContain("deepseek-v3");
    assertThat(check("mla-57x", lab).verdict()).isEqualTo("wrong");
    assertThat(check("v3-kv-rank", lab).verdict()).isEqualTo("wrong");
  }

  @Test
  void anotherTopKIsAnotherSaving() {
    Laboratory lab =
        with(
            "deepseek-v3.2",
            a -> {
              SparseLatent s = (SparseLatent) a;
              SparseLatent.Indexer i = s.indexer();
              return new SparseLatent(
                  s.latent(),
                  new SparseLatent.Indexer(
                      i.heads(), i.dim(), 512, i.ropeDim(), i.ropeStyle(), i.precision()),
                  false);
            });
    assertThat(check("dsa-8k", lab).verdict()).isEqualTo("wrong");
  }

  @Test
  void keysThatHardlyRotateCanBeAbsorbed() {
    assertThat(check("rope-apart", AS_PUBLISHED).verdict()).isEqualTo("right");
    Laboratory still =
        with("deepseek-v3", a -> latent((Latent) a, 512, new RopeConfig.Linear(1e4f, 1e9f)));
    assertThat(check("rope-apart", still).verdict()).isEqualTo("wrong");
  }

  @Test
  void otherParametersAreOtherTotals() {
    Laboratory lab =
        new Laboratory(
            name -> {
              PlannedModel m = Planning.ofShape(name).model();
              Parameters p = m.parameters();
              Parameters fewer =
                  new Parameters(
                      p.embedding(),
                      p.attention(),
                      p.dense(),
                      p.shared(),
                      p.routed() / 2,
                      p.activeRouted());
              return new PlannedModel(name, m.config(), fewer, 0);
            },
            DefaultModel.folder(),
            AS_PUBLISHED.effort());
    assertThat(check("v2-236b", lab).verdict()).isEqualTo("wrong");
    assertThat(check("v2-21b", lab).verdict()).isEqualTo("right");
  }

  static Stream<Claim> all() {
    return Claims.all().stream();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyClaimCanBeCheckedAndTold(Claim claim) {
    Checked c = claim.check(AS_PUBLISHED);
    assertThat(c.verdict()).startsWith(c.ruling().toString());
    assertThat(c.how()).matches("(derived|measured|analogue|cited): .{5,}");
    assertThat(c.claim()).hasSizeLessThanOrEqualTo(78);
    assertThat(c.value()).doesNotContain("NaN", "Infinity");
    assertThat(claim.id()).matches("[a-z0-9.-]{4,18}");
  }

  @Test
  void idsAreOneClaimAndTopicsAreMany() {
    assertThat(Claims.all().stream().map(Claim::id)).doesNotHaveDuplicates();
    assertThat(Claims.named("mla-57x")).hasSize(1);
    assertThat(Claims.named("cache")).hasSizeGreaterThan(10);
    assertThat(Claims.named("mla-58x")).isEmpty();
  }

  /** Shapes that ship, one of them with another attention. */
  private static Laboratory with(String name, UnaryOperator<AttentionConfig> change) {
    return new Laboratory(
        n -> {
          PlannedModel m = Planning.ofShape(n).model();
          return n.equals(name)
              ? new PlannedModel(n, Reshaped.attention(m.config(), change), m.parameters(), 0)
              : m;
        },
        DefaultModel.folder(),
        AS_PUBLISHED.effort());
  }

  private static Latent latent(Latent a, int kvRank, RopeConfig rope) {
    return new Latent(
        a.heads(),
        a.queryRank(),
        kvRank,
        a.nopeDim(),
        a.ropeDim(),
        a.valueDim(),
        rope,
        a.ropeStyle(),
        a.scale(),
        a.latentNormEps(),
        a.temperature());
  }

  private static Checked check(String id, Laboratory lab) {
    return Claims.named(id).getFirst().check(lab);
  }
}
