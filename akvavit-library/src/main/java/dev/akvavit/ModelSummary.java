package dev.akvavit;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.FeedForwardConfig;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.LayerConfig;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.model.ParameterCount;
import dev.akvavit.model.WeightNames;
import java.util.ArrayList;
import java.util.List;

/**
 * A model in figures, from the same layouts that allocate its cache.
 *
 * @param layers runs of equal layers, in order
 * @param parameters by what they do
 * @param kvBytesPerToken of all layers
 */
public record ModelSummary(
    ModelConfig config,
    List<Layers> layers,
    ParameterCountView parameters,
    List<Plane> planes,
    long kvBytesPerToken) {

  /** Layers {@code first .. first + count} with one mechanism and one feed-forward. */
  public record Layers(int first, int count, String attention, String feedForward) {}

  /** Parameters: all, those that one token uses, and the parts of all. */
  public record ParameterCountView(
      long total,
      long active,
      long embedding,
      long attention,
      long dense,
      long shared,
      long routed) {}

  /** Bytes a token of one kind of cached row over all layers. */
  public record Plane(String name, String shape, DType dtype, long bytesPerToken) {}

  static ModelSummary of(ModelConfig config, WeightNames names, CacheTypes cacheTypes) {
    ParameterCount p = ParameterCount.of(config, names);
    return new ModelSummary(
        config,
        layers(config),
        new ParameterCountView(
            p.total(), p.active(), p.embedding(), p.attention(), p.dense(), p.shared(), p.routed()),
        planes(config, cacheTypes),
        config.kvBytesPerToken(cacheTypes));
  }

  private static List<Layers> layers(ModelConfig config) {
    List<Layers> runs = new ArrayList<>();
    for (int i = 0; i < config.layers().size(); i++) {
      LayerConfig layer = config.layers().get(i);
      String attention = layer.attention().mechanism();
      String feedForward = describe(layer.feedForward());
      Layers last = runs.isEmpty() ? null : runs.getLast();
      if (last != null
          && last.attention().equals(attention)
          && last.feedForward().equals(feedForward)) {
        runs.set(
            runs.size() - 1, new Layers(last.first(), last.count() + 1, attention, feedForward));
      } else {
        runs.add(new Layers(i, 1, attention, feedForward));
      }
    }
    return List.copyOf(runs);
  }

  private static String describe(FeedForwardConfig config) {
    return switch (config) {
      case FeedForwardConfig.Gated c -> "SwiGLU " + c.width();
      case FeedForwardConfig.Plain c -> c.activation() + " " + c.width();
      case FeedForwardConfig.MixtureOfExperts c ->
          "MoE top "
              + c.router().topK()
              + " of "
              + c.router().experts()
              + " x "
              + c.width()
              + (c.sharedWidth() == 0 ? "" : " + shared " + c.sharedWidth());
    };
  }

  private static List<Plane> planes(ModelConfig config, CacheTypes cacheTypes) {
    List<Plane> planes = new ArrayList<>();
    for (KvLayout layout : config.kvLayouts(cacheTypes)) {
      for (KvLayout.Plane p : layout.planes()) {
        String shape = p.heads() + " x " + p.dim();
        int same = -1;
        for (int i = 0; i < planes.size(); i++) {
          if (planes.get(i).name().equals(p.name()) && planes.get(i).shape().equals(shape)) {
            same = i;
          }
        }
        if (same < 0) {
          planes.add(new Plane(p.name(), shape, p.dtype(), p.bytesPerToken()));
        } else {
          Plane old = planes.get(same);
          planes.set(
              same,
              new Plane(old.name(), shape, old.dtype(), old.bytesPerToken() + p.bytesPerToken()));
        }
      }
    }
    return List.copyOf(planes);
  }
}
