package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.ModelConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One kind of cached row over the layers that keep it: what each user takes whatever the context,
 * and what each token adds.
 *
 * @param mechanism of those layers
 * @param plane keys, values, latent + rope or the two apart, index keys, index scale
 * @param shape {@code heads x dim} of one token in one layer, unless it says for how many
 * @param dtype of its numbers
 * @param layers how many keep it
 * @param bytesPerUser of all of them
 * @param bytesPerToken of all of them, in the mean where one row stands for many tokens
 * @param rule how they follow from the config
 */
public record CacheRow(
    String mechanism,
    String plane,
    String shape,
    String dtype,
    int layers,
    long bytesPerUser,
    double bytesPerToken,
    Certainty certainty,
    Formula rule) {

  /** From the layouts that allocate the cache. */
  static List<CacheRow> of(ModelConfig config, CacheTypes cacheTypes) {
    Map<String, CacheRow> rows = new LinkedHashMap<>();
    List<KvLayout> layouts = config.kvLayouts(cacheTypes);
    for (int i = 0; i < layouts.size(); i++) {
      KvLayout layout = layouts.get(i);
      String mechanism = config.layers().get(i).attention().mechanism();
      for (KvLayout.Plane p : layout.planes()) {
        CacheRow one =
            new CacheRow(
                mechanism,
                holdsRope(p, layout) ? "latent + rope" : p.name(),
                p.heads() + " x " + p.dim(),
                p.dtype().toString(),
                1,
                0,
                p.bytesPerToken(),
                Certainty.EXACT,
                rule(p.name()));
        rows.merge(one.mechanism + one.plane + one.shape, one, CacheRow::and);
      }
    }
    return List.copyOf(new ArrayList<>(rows.values()));
  }

  private static boolean holdsRope(KvLayout.Plane plane, KvLayout layout) {
    return plane.name().equals("latent") && layout.indexOf("rope") < 0;
  }

  private CacheRow and(CacheRow other) {
    return new CacheRow(
        mechanism,
        plane,
        shape,
        dtype,
        layers + other.layers,
        bytesPerUser + other.bytesPerUser,
        bytesPerToken + other.bytesPerToken,
        certainty,
        rule);
  }

  private static Formula rule(String plane) {
    return switch (plane) {
      case "latent", "rope" -> Formula.CACHE_LATENT;
      case "index keys", "index scale" -> Formula.CACHE_INDEX;
      default -> Formula.CACHE_GROUPED;
    };
  }
}
