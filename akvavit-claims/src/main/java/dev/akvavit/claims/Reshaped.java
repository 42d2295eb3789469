package dev.akvavit.claims;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.AttentionConfig.GroupedQuery;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import java.util.Collections;
import java.util.function.UnaryOperator;

/** A shape with something exchanged, all else as it was. */
final class Reshaped {
  private Reshaped() {}

  /** Every layer's attention by another. */
  static ModelConfig attention(ModelConfig c, UnaryOperator<AttentionConfig> change) {
    return new ModelConfig(
        c.modelType(),
        c.vocabulary(),
        c.hidden(),
        c.maxPositions(),
        c.norm(),
        c.learnedPositions(),
        c.tiedEmbeddings(),
        c.layers().stream()
            .map(l -> new LayerConfig(change.apply(l.attention()), l.feedForward(), l.residual()))
            .toList());
  }

  /** Every layer's attention by one with so many heads of keys and values, each as wide as now. */
  static ModelConfig grouped(ModelConfig c, int kvHeads) {
    return attention(c, a -> grouped(heads(a), kvHeads, width(a)));
  }

  /** Keys and values of every head. */
  static ModelConfig multiHead(ModelConfig c) {
    return grouped(c, heads(c.layers().getFirst().attention()));
  }

  static GroupedQuery grouped(int heads, int kvHeads, int dim) {
    return new GroupedQuery(
        heads,
        kvHeads,
        dim,
        new RopeConfig.Plain(10_000),
        RopeStyle.HALVES,
        dim,
        0,
        0,
        false,
        false);
  }

  /**
   * So many equal layers with one attention and a plain feed-forward: small enough that attention
   * is what is measured.
   */
  static ModelConfig layers(
      ModelConfig like, AttentionConfig attention, int count, int hidden, int width) {
    LayerConfig layer =
        new LayerConfig(
            attention, new FeedForwardConfig.Gated(width, false), LayerConfig.Residual.SEQUENTIAL);
    return new ModelConfig(
        like.modelType(),
        256,
        hidden,
        like.maxPositions(),
        like.norm(),
        false,
        true,
        Collections.nCopies(count, layer));
  }

  static int heads(AttentionConfig config) {
    return switch (config) {
      case GroupedQuery a -> a.heads();
      case Latent a -> a.heads();
      case SparseLatent a -> a.latent().heads();
    };
  }

  /** Of a value, and of a key unless its rotated part is apart. */
  static int width(AttentionConfig config) {
    return switch (config) {
      case GroupedQuery a -> a.headDim();
      case Latent a -> a.valueDim();
      case SparseLatent a -> a.latent().valueDim();
    };
  }

  /**
   * The first layer's latent attention.
   *
   * @throws IllegalArgumentException when it has none
   */
  static Latent latent(ModelConfig config) {
    return switch (config.layers().getFirst().attention()) {
      case Latent a -> a;
      case SparseLatent a -> a.latent();
      case GroupedQuery a ->
          throw new IllegalArgumentException(
              "attention: found " + a.mechanism() + ", allowed: MLA");
    };
  }

  /** Latent attention of fewer heads; the latent keeps its size. */
  static Latent narrowed(Latent a, int divisor) {
    return new Latent(
        a.heads() / divisor,
        a.queryRank() / divisor,
        a.kvRank(),
        a.nopeDim(),
        a.ropeDim(),
        a.valueDim(),
        a.rope(),
        a.ropeStyle(),
        a.scale(),
        a.latentNormEps(),
        a.temperature());
  }

  /**
   * Sparse attention with heads, index heads and top-k divided alike: every ratio of operations is
   * what it was at {@code divisor} times the context.
   */
  static SparseLatent narrowed(SparseLatent a, int divisor) {
    SparseLatent.Indexer i = a.indexer();
    return new SparseLatent(
        narrowed(a.latent(), divisor),
        new SparseLatent.Indexer(
            i.heads() / divisor,
            i.dim(),
            i.topK() / divisor,
            i.ropeDim(),
            i.ropeStyle(),
            i.precision()),
        false);
  }

  /** Numbers that a token leaves in all layers' caches, whatever their type. */
  static long elements(ModelConfig c) {
    return c.kvLayouts(DType.F32).stream()
        .flatMap(l -> l.planes().stream())
        .mapToLong(p -> (long) p.heads() * p.dim())
        .sum();
  }

  /** Numbers that a token leaves in the first layer's cache. */
  static long elementsOfALayer(ModelConfig c) {
    return c.kvLayouts(DType.F32).getFirst().planes().stream()
        .mapToLong((KvLayout.Plane p) -> (long) p.heads() * p.dim())
        .sum();
  }
}
