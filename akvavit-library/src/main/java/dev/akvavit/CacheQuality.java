package dev.akvavit;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.model.arch.Architectures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What narrower rows of the cache cost a model on a text: its {@link Perplexity}, and how often the
 * likeliest next token stays the one that rows in F32 give.
 */
public final class CacheQuality {
  /** How rows and index keys are kept. */
  public record Setting(CacheTypes types, IndexPrecision index) {
    /** As on a command line. */
    @Override
    public String toString() {
      return types + (index == IndexPrecision.F8 ? " --index-precision f8" : "");
    }
  }

  /**
   * One setting.
   *
   * @param kvBytesPerToken over all layers
   * @param sameToken share of scored places in which the likeliest token is that of F32
   */
  public record Row(
      Setting setting, long kvBytesPerToken, Perplexity.Score score, double sameToken) {}

  private static final Setting EXACT = new Setting(CacheTypes.of(DType.F32), IndexPrecision.EXACT);

  private CacheQuality() {}

  /** F32 first, then what people choose for such a model, as far as its widths allow. */
  public static List<Setting> usual(Path model) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      ModelConfig config = Architectures.configure(checkpoint.config(), IndexPrecision.EXACT);
      return usual(config);
    }
  }

  private static List<Setting> usual(ModelConfig config) {
    CacheTypes bf16 = CacheTypes.of(DType.BF16);
    CacheTypes blocks = CacheTypes.of(DType.Q8_0);
    Set<String> planes = config.cachePlanes();
    List<Setting> all = new ArrayList<>(List.of(EXACT));
    List<CacheTypes> types = new ArrayList<>(List.of(bf16, CacheTypes.of(DType.F16), blocks));
    if (planes.contains("rope")) {
      types.add(blocks.with("rope", DType.BF16));
    } else {
      types.add(blocks.with("keys", DType.BF16));
      types.add(blocks.with("values", DType.BF16));
    }
    types.forEach(t -> all.add(new Setting(t, IndexPrecision.EXACT)));
    if (planes.contains("index")) {
      all.add(new Setting(types.getLast().with("index", DType.BF16), IndexPrecision.EXACT));
      all.add(new Setting(bf16, IndexPrecision.F8));
      all.add(new Setting(types.getLast(), IndexPrecision.F8));
    }
    all.removeIf(s -> config.layers().stream().anyMatch(l -> !l.attention().keeps(s.types)));
    return List.copyOf(all);
  }

  /**
   * Scores a text with each setting, and with F32 first if that is not the first.
   *
   * @param progress told after every window of every setting
   */
  public static List<Row> run(
      Path model,
      String text,
      int window,
      ModelOptions options,
      List<Setting> settings,
      BiConsumer<Setting, Perplexity.Score> progress) {
    List<Setting> all = new ArrayList<>(settings);
    if (!settings.getFirst().equals(EXACT)) {
      all.addFirst(EXACT);
    }
    List<Row> rows = new ArrayList<>();
    int[] exact = {};
    for (Setting s : all) {
      ModelOptions how = options.withCacheTypes(s.types).withIndexPrecision(s.index);
      Perplexity.Scored scored =
          Perplexity.scored(model, text, window, how, score -> progress.accept(s, score));
      exact = rows.isEmpty() ? scored.likeliest() : exact;
      rows.add(
          new Row(s, scored.kvBytesPerToken(), scored.score(), same(exact, scored.likeliest())));
    }
    return List.copyOf(rows);
  }

  private static double same(int[] expected, int[] found) {
    int same = 0;
    for (int i = 0; i < expected.length; i++) {
      same += expected[i] == found[i] ? 1 : 0;
    }
    return same / (double) expected.length;
  }
}
