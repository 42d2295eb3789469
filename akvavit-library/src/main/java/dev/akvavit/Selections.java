package dev.akvavit;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Workspace;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.Decoder;
import dev.akvavit.model.DecoderBuilder;
import dev.akvavit.model.Observer;
import dev.akvavit.model.arch.Architectures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which tokens of a prompt each token attended to, layer by layer, as DeepSeek sparse attention
 * chose them (DeepSeek-V3.2-Exp, section 2.1).
 *
 * @param tokens of the prompt
 * @param topK most positions a token may choose
 * @param layers the sparse ones, in order
 */
public record Selections(int tokens, int topK, List<Layer> layers) {
  /** Tokens that are looked at at most: a map has the square of them for each layer. */
  public static final int MOST_TOKENS = 1024;

  private static final int STEP = 128;

  /**
   * One layer's choices.
   *
   * @param index of the layer in the model
   * @param own false when the layer has no indexer and takes the choice of the one before
   * @param chosen for each token the positions it attended to, ascending
   */
  public record Layer(int index, boolean own, List<int[]> chosen) {
    public Layer {
      chosen = List.copyOf(chosen);
    }
  }

  public Selections {
    layers = List.copyOf(layers);
  }

  /**
   * Computes a prompt through a decoder of its own: same weights, another cache, workspace and team
   * of workers, so that what the engine computes meanwhile stays as it is.
   */
  static Selections of(
      Checkpoint checkpoint, ModelConfig config, ModelOptions options, int[] prompt) {
    requireSparse(config);
    if (prompt.length == 0 || prompt.length > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "prompt: found " + prompt.length + " tokens, allowed: 1.." + MOST_TOKENS);
    }
    for (int id : prompt) {
      if (id < 0 || id >= config.vocabulary()) {
        throw new IllegalArgumentException(
            "prompt: found token id " + id + ", allowed: 0.." + (config.vocabulary() - 1));
      }
    }
    int pages = Math.ceilDiv(prompt.length, ModelRunner.PAGE_SIZE);
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    try (Backend backend = Backends.open(options.withThreads(threads).withRepack(false));
        PlacedWeights weights = new PlacedWeights(checkpoint, backend);
        KvCache cache =
            new KvCache(
                backend, config.kvLayouts(options.cacheTypes()), pages, ModelRunner.PAGE_SIZE)) {
      Decoder decoder =
          DecoderBuilder.build(
              config,
              Architectures.of(checkpoint.config()),
              weights,
              backend,
              cache,
              new Workspace(backend, STEP, 1));
      Notes notes = new Notes(config);
      decoder.observe(notes);
      compute(decoder, prompt, pages);
      return notes.selections(prompt.length);
    }
  }

  private static void compute(Decoder decoder, int[] prompt, int pages) {
    int[] table = new int[pages];
    Arrays.setAll(table, page -> page);
    Batch batch = new Batch(STEP, 1, pages, ModelRunner.PAGE_SIZE);
    for (int from = 0; from < prompt.length; from += STEP) {
      int count = Math.min(STEP, prompt.length - from);
      batch.clear();
      batch.add(prompt, from, count, from, table, true, Batch.Logits.NONE);
      decoder.forward(batch);
    }
  }

  private static void requireSparse(ModelConfig config) {
    if (config.layers().stream()
        .noneMatch(l -> l.attention() instanceof AttentionConfig.SparseLatent)) {
      throw new IllegalStateException(
          "attention: found "
              + config.layers().getFirst().attention().mechanism()
              + ", allowed: a model with sparse attention (DSA), which alone selects tokens");
    }
  }

  /** Copies each layer's choice before the next layer overwrites it. */
  private static final class Notes implements Observer {
    private final ModelConfig config;
    private final List<List<int[]>> chosen = new ArrayList<>(); // [layers][tokens][positions]
    private int topK;

    Notes(ModelConfig config) {
      this.config = config;
      config.layers().forEach(layer -> chosen.add(new ArrayList<>()));
    }

    @Override
    public void selection(int layer, Selection selection, Batch batch) {
      topK = selection.limit();
      for (int token = 0; token < batch.tokens(); token++) {
        chosen.get(layer).add(selection.positions(token));
      }
    }

    Selections selections(int tokens) {
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; i < chosen.size(); i++) {
        if (config.layers().get(i).attention() instanceof AttentionConfig.SparseLatent sparse) {
          layers.add(new Layer(i, !sparse.sharesSelection(), chosen.get(i)));
        }
      }
      return new Selections(tokens, topK, layers);
    }
  }
}
