package dev.akvavit.plan;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeConfig;
import dev.akvavit.core.RopeStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A model's shape with another attention in all layers: what the choice of mechanism changes, and
 * nothing else. Heads keep their number and width (for latent attention {@code v_head_dim}). A
 * latent for a model without one follows DeepSeek-V2's rule, {@code d_c = 4 d_h} and {@code r = d_h
 * / 2} (section 2.1); an indexer for a model without one is V3.2's.
 *
 * @param own whether this is the model as it is
 * @param bytesPerUser cached whatever the context
 */
record Variant(
    String name, String note, boolean own, long bytesPerUser, List<AttentionCost> layers) {
  private static final int INDEX_HEADS = 64;
  private static final int INDEX_DIM = 128;
  private static final int INDEX_TOP = 2048;

  Variant {
    layers = List.copyOf(layers);
  }

  CacheSize cache() {
    return new CacheSize(
        bytesPerUser, layers.stream().mapToDouble(AttentionCost::cachedBytes).sum());
  }

  double bytesRead(int context) {
    return layers.stream().mapToDouble(l -> l.bytesRead(context)).sum();
  }

  double flops(int context) {
    return layers.stream().mapToDouble(l -> l.flops(context)).sum();
  }

  /** The model itself first, then the others that its shape allows. */
  static List<Variant> of(PlannedShape shape, CacheTypes types) {
    return switch (shape) {
      case ConfiguredShape c -> of(c.config(), types);
      case CompressedShape c -> {
        long perUser = CacheSize.of(c.cache(types)).bytesPerUser();
        yield List.of(new Variant("CSA + HCA", "the model as it is", true, perUser, c.costs()));
      }
    };
  }

  private static List<Variant> of(ModelConfig config, CacheTypes types) {
    List<Variant> all = new ArrayList<>();
    AttentionConfig first = config.layers().getFirst().attention();
    as(first.mechanism(), "the model as it is", true, config, types, a -> a, all);
    for (int kvHeads : IntStream.of(heads(first), 8, 1).distinct().toArray()) {
      AttentionConfig grouped = grouped(first, kvHeads);
      if (grouped != null && !sameAsOwn(first, kvHeads)) {
        as(grouped.mechanism(), "", false, config, types, a -> orItself(a, kvHeads), all);
      }
    }
    if (first instanceof AttentionConfig.GroupedQuery) {
      as("MLA", "", false, config, types, Variant::latent, all);
    } else {
      expanded(config, types, all);
      all.add(narrow(config));
      if (first instanceof AttentionConfig.SparseLatent) {
        as("MLA", "", false, config, types, Variant::latent, all);
      }
    }
    if (!(first instanceof AttentionConfig.SparseLatent)) {
      as("MLA + DSA", "saves reading, not capacity", false, config, types, Variant::sparse, all);
    }
    return List.copyOf(all);
  }

  /** Adds a shape, unless its rows would be no whole blocks of their types. */
  private static void as(
      String name,
      String note,
      boolean own,
      ModelConfig config,
      CacheTypes types,
      Function<AttentionConfig, AttentionConfig> change,
      List<Variant> to) {
    List<AttentionConfig> layers =
        config.layers().stream().map(LayerConfig::attention).map(change).toList();
    if (layers.stream().allMatch(a -> a.keeps(types))) {
      List<AttentionCost> costs = layers.stream().map(a -> AttentionCost.of(a, types)).toList();
      to.add(new Variant(name, note, own, 0, costs));
    }
  }

  /** Latent attention whose keys and values are cached for every head: what absorption avoids. */
  private static void expanded(ModelConfig config, CacheTypes types, List<Variant> to) {
    List<AttentionCost> layers = new ArrayList<>();
    for (LayerConfig layer : config.layers()) {
      AttentionConfig.Latent a = latent(layer.attention());
      int keyDim = a.nopeDim() + a.ropeDim();
      if (keyDim % types.type("keys").blockElements() != 0
          || a.valueDim() % types.type("values").blockElements() != 0) {
        return;
      }
      long row =
          KvLayout.of(
                  new KvLayout.Plane("keys", a.heads(), keyDim, types.type("keys")),
                  new KvLayout.Plane("values", a.heads(), a.valueDim(), types.type("values")))
              .bytesPerToken();
      long flops = 2L * a.heads() * (keyDim + a.valueDim());
      layers.add(new AttentionCost(row, row, flops, 0, 1, 0, 0));
    }
    to.add(new Variant("MLA expanded", "keys, values of every head", false, 0, layers));
  }

  /**
   * The model with its cache as FlashMLA's kernels keep it: e4m3 latents with an F32 scale for each
   * 128, rotated parts in BF16, index keys in FP8.
   */
  private static Variant narrow(ModelConfig config) {
    List<AttentionCost> layers = new ArrayList<>();
    String name = "MLA, FP8 rows";
    for (LayerConfig layer : config.layers()) {
      AttentionConfig.Latent a = latent(layer.attention());
      List<KvLayout.Plane> planes = new ArrayList<>();
      planes.add(new KvLayout.Plane("latent", 1, a.kvRank(), DType.F8_E4M3));
      planes.add(new KvLayout.Plane("scales", 1, Math.ceilDiv(a.kvRank(), 128), DType.F32));
      planes.add(new KvLayout.Plane("rope", 1, a.ropeDim(), DType.BF16));
      long row = new KvLayout(planes).bytesPerToken();
      long flops = AttentionCost.absorbedFlops(a);
      if (layer.attention() instanceof AttentionConfig.SparseLatent s && !s.sharesSelection()) {
        name = "MLA + DSA, FP8 rows";
        planes.add(new KvLayout.Plane("index keys", 1, s.indexer().dim(), DType.F8_E4M3));
        planes.add(new KvLayout.Plane("index scale", 1, 1, DType.F32));
      }
      long cached = new KvLayout(planes).bytesPerToken();
      layers.add(
          layer.attention() instanceof AttentionConfig.SparseLatent s
              ? new AttentionCost(
                  cached,
                  row,
                  flops,
                  s.indexer().topK(),
                  1,
                  cached - row,
                  s.sharesSelection() ? 0 : AttentionCost.scanFlops(s.indexer()))
              : new AttentionCost(cached, row, flops, 0, 1, 0, 0));
    }
    return new Variant(name, "FlashMLA's layout, not ours", false, 0, layers);
  }

  private static int heads(AttentionConfig config) {
    return switch (config) {
      case AttentionConfig.GroupedQuery a -> a.heads();
      case AttentionConfig.Latent a -> a.heads();
      case AttentionConfig.SparseLatent a -> a.latent().heads();
    };
  }

  private static boolean sameAsOwn(AttentionConfig config, int kvHeads) {
    return config instanceof AttentionConfig.GroupedQuery a
        && a.kvHeads() == kvHeads
        && a.window() == 0;
  }

  private static AttentionConfig orItself(AttentionConfig config, int kvHeads) {
    AttentionConfig grouped = grouped(config, kvHeads);
    return grouped == null ? config : grouped;
  }

  /** Null when the heads cannot be parted so. */
  private static @Nullable AttentionConfig grouped(AttentionConfig config, int kvHeads) {
    int heads = heads(config);
    if (heads % kvHeads != 0) {
      return null;
    }
    return switch (config) {
      case AttentionConfig.GroupedQuery a -> grouped(heads, kvHeads, a.headDim());
      case AttentionConfig.Latent a -> grouped(heads, kvHeads, a.valueDim());
      case AttentionConfig.SparseLatent a -> grouped(heads, kvHeads, a.latent().valueDim());
    };
  }

  private static AttentionConfig grouped(int heads, int kvHeads, int dim) {
    return new AttentionConfig.GroupedQuery(
        heads, kvHeads, dim, null, RopeStyle.HALVES, 0, 0, 0, false, false);
  }

  private static AttentionConfig.Latent latent(AttentionConfig config) {
    return switch (config) {
      case AttentionConfig.GroupedQuery a -> {
        int d = a.headDim();
        int rotated = Math.max(2, d / 4 * 2); // half of a head, and even
        yield new AttentionConfig.Latent(
            a.heads(),
            4 * d,
            4 * d,
            d,
            rotated,
            d,
            new RopeConfig.Plain(10_000),
            RopeStyle.INTERLEAVED,
            1,
            1e-6f,
            null);
      }
      case AttentionConfig.Latent a -> a;
      case AttentionConfig.SparseLatent a -> a.latent();
    };
  }

  private static AttentionConfig sparse(AttentionConfig config) {
    AttentionConfig.Latent a = latent(config);
    AttentionConfig.Latent ranked =
        a.queryRank() > 0
            ? a
            : new AttentionConfig.Latent(
                a.heads(),
                a.kvRank(),
                a.kvRank(),
                a.nopeDim(),
                a.ropeDim(),
                a.valueDim(),
                a.rope(),
                a.ropeStyle(),
                a.scale(),
                a.latentNormEps(),
                a.temperature());
    return new AttentionConfig.SparseLatent(
        ranked,
        new AttentionConfig.SparseLatent.Indexer(
            INDEX_HEADS,
            INDEX_DIM,
            INDEX_TOP,
            Math.min(INDEX_DIM, a.ropeDim()),
            RopeStyle.HALVES,
            IndexPrecision.F8),
        false);
  }
}
