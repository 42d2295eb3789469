package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Workspace;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.model.Decoder;
import dev.akvavit.model.DecoderBuilder;
import dev.akvavit.model.arch.Architectures;
import dev.akvavit.text.Prompt;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * How surprised a model is by a text: the mean over its tokens of {@code -ln p(token | those
 * before)}, and e to that power. Compared between files of one model it says what fewer bits cost.
 *
 * <p>The text is cut into windows that overlap by half. In the first every token is scored, in
 * later ones the second half, so that each but the earliest sees at least half a window.
 */
public final class Perplexity {
  /**
   * What was found so far.
   *
   * @param tokens scored
   * @param of tokens to score in all
   * @param meanNll mean negative log-likelihood, in nats a token
   */
  public record Score(long tokens, long of, double meanNll) {
    public double perplexity() {
      return Math.exp(meanNll);
    }
  }

  /**
   * A text as a model sees it.
   *
   * @param likeliest the token that the model would have put in each scored one's place
   */
  record Scored(Score score, int[] likeliest, long kvBytesPerToken) {}

  private static final int PAGE_SIZE = 32;
  private static final int STEP = 64;

  private final Decoder decoder;
  private final int[] ids;
  private final int window;
  private final Batch batch;
  private final int[] pages;
  private final float[] logits;
  private final int[] likeliest; // of the tokens scored so far
  private double sum;
  private int scored;

  private Perplexity(Decoder decoder, int[] ids, int window) {
    this.decoder = decoder;
    this.ids = ids;
    this.window = window;
    pages = new int[Math.ceilDiv(window, PAGE_SIZE)];
    Arrays.setAll(pages, i -> i);
    batch = new Batch(STEP, 1, pages.length, PAGE_SIZE);
    logits = new float[decoder.vocabulary()];
    likeliest = new int[ids.length - 1];
  }

  /**
   * Scores a text.
   *
   * @param model a folder or a {@code .gguf} file
   * @param window tokens of a window, at least 2
   * @param progress told after every window
   * @throws IllegalArgumentException for a text of less than two tokens or a window out of range
   */
  public static Score run(
      Path model, String text, int window, ModelOptions options, Consumer<Score> progress) {
    return scored(model, text, window, options, progress).score();
  }

  /** {@link #run}, and what {@link CacheQuality} compares. */
  static Scored scored(
      Path model, String text, int window, ModelOptions options, Consumer<Score> progress) {
    try (Checkpoint checkpoint = Checkpoint.open(model);
        Backend backend = Backends.open(options)) {
      ConfigSource source = checkpoint.config();
      ModelConfig config = Architectures.configure(source, options.indexPrecision());
      int most = config.maxPositions();
      most = options.context() == 0 ? most : Math.min(most, options.context());
      if (window < 2 || window > most) {
        throw new IllegalArgumentException("window: found " + window + ", allowed: 2 to " + most);
      }
      int[] ids = ModelText.of(model, checkpoint).tokenizer().encodeDocument(Prompt.content(text));
      if (ids.length < 2) {
        throw new IllegalArgumentException(
            "text: found " + ids.length + " tokens, allowed: at least 2");
      }
      int span = Math.min(window, ids.length);
      try (PlacedWeights weights = Repacking.weights(checkpoint, backend, options);
          KvCache cache =
              new KvCache(
                  backend,
                  config.kvLayouts(options.cacheTypes()),
                  Math.ceilDiv(span, PAGE_SIZE),
                  PAGE_SIZE)) {
        Workspace space = new Workspace(backend, STEP, STEP);
        Decoder decoder =
            DecoderBuilder.build(config, Architectures.of(source), weights, backend, cache, space);
        Perplexity found = new Perplexity(decoder, ids, span);
        return new Scored(
            found.run(progress), found.likeliest, config.kvBytesPerToken(options.cacheTypes()));
      }
    }
  }

  private Score run(Consumer<Score> progress) {
    int from = 1; // the first token has nothing before it
    for (int start = 0; from < ids.length; start += Math.max(1, window / 2)) {
      int end = Math.min(ids.length, start + window);
      window(start, end, from);
      from = end;
      progress.accept(score());
    }
    return score();
  }

  private Score score() {
    return new Score(scored, ids.length - 1L, sum / scored);
  }

  /** Runs tokens {@code start .. end - 1} and scores those from {@code from} on. */
  private void window(int start, int end, int from) {
    int[] tokens = Arrays.copyOfRange(ids, start, end);
    int last = tokens.length - 1; // it is predicted, and predicts nothing here
    for (int at = 0; at < last; at += STEP) {
      int count = Math.min(STEP, last - at);
      boolean wanted = start + at + count >= from;
      batch.clear();
      batch.add(tokens, at, count, at, pages, true, wanted ? Batch.Logits.ALL : Batch.Logits.LAST);
      decoder.forward(batch);
      for (int i = 0; wanted && i < count; i++) {
        if (start + at + i + 1 >= from) {
          decoder.logits(i, logits);
          add(tokens[at + i + 1]);
        }
      }
    }
  }

  private void add(int token) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    float most = logits[best];
    double total = 0;
    for (float logit : logits) {
      total += Math.exp((double) logit - most);
    }
    sum += Math.log(total) + most - logits[token];
    likeliest[scored++] = best;
  }
}
