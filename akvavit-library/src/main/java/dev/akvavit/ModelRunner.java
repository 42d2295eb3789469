package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Weights;
import dev.akvavit.core.Workspace;
import dev.akvavit.engine.Engine;
import dev.akvavit.engine.EngineLimits;
import dev.akvavit.model.Decoder;
import dev.akvavit.model.DecoderBuilder;
import dev.akvavit.model.WeightNames;
import java.util.function.Function;

/** A decoder with its cache and its engine: a model without text. */
final class ModelRunner implements AutoCloseable {
  /** Tokens a page of the cache. */
  static final int PAGE_SIZE = 32;

  final ModelConfig config;
  final Backend backend;
  final KvCache cache;
  final Decoder decoder;
  final Engine engine;

  /**
   * @param weights made for the backend that is opened here
   * @param identity names the weights for cached prefixes
   */
  ModelRunner(
      ModelConfig config,
      WeightNames names,
      Function<Backend, Weights> weights,
      ModelOptions options,
      String identity) {
    this.config = config;
    EngineLimits limits = limits(config, options);
    long cacheBytes =
        Math.multiplyExact(
            config.kvBytesPerToken(options.cacheTypes()),
            (long) limits.pages() * limits.pageSize());
    requireMemory(config, options, limits, cacheBytes);
    backend = Backends.open(options);
    try {
      cache =
          new KvCache(
              backend, config.kvLayouts(options.cacheTypes()), limits.pages(), limits.pageSize());
      Workspace space = new Workspace(backend, limits.maxTokensPerStep(), limits.maxSequences());
      decoder = DecoderBuilder.build(config, names, weights.apply(backend), backend, cache, space);
      if (options.repack()) {
        requireMemory(config, options, limits, cacheBytes); // copies took theirs, the cache not yet
      }
      engine = new Engine(decoder, limits, identity);
      if (options.warmUp()) {
        engine.warmUp(); // beside the reading of the vocabulary
      }
    } catch (Throwable e) {
      backend.close();
      throw e;
    }
  }

  private static EngineLimits limits(ModelConfig config, ModelOptions options) {
    if (options.context() > config.maxPositions()) {
      throw new IllegalArgumentException(
          "context: found "
              + options.context()
              + ", allowed: up to "
              + config.maxPositions()
              + ", the model's max_position_embeddings");
    }
    int context =
        options.context() == 0
            ? Math.min(config.maxPositions(), ModelOptions.USUAL_CONTEXT)
            : options.context();
    int cached = options.cacheTokens() == 0 ? context : options.cacheTokens();
    int pages = Math.ceilDiv(cached, PAGE_SIZE);
    return new EngineLimits(
        PAGE_SIZE,
        pages,
        context,
        options.maxTokensPerStep(),
        options.maxSequences(),
        options.maxQueuedRequests(),
        (long) options.maxQueuedRequests() * context);
  }

  /** Refuses a cache that memory cannot hold before anything is allocated. */
  private static void requireMemory(
      ModelConfig config, ModelOptions options, EngineLimits limits, long cacheBytes) {
    long available = Memory.availableBytes();
    if (cacheBytes > available) {
      long perToken = config.kvBytesPerToken(options.cacheTypes());
      throw new CapacityException(
          "the KV cache of "
              + (long) limits.pages() * limits.pageSize()
              + " tokens needs "
              + Memory.show(cacheBytes)
              + " ("
              + perToken
              + " bytes a token), "
              + Memory.show(available)
              + " are available; a context of "
              + available / perToken
              + " tokens would fit, or choose a narrower cache type");
    }
  }

  @Override
  public void close() {
    engine.close();
    cache.close();
    backend.close();
  }
}
