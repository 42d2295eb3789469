package dev.akvavit;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;

/**
 * How a model is opened. Start from {@link #DEFAULT} and change what matters: {@code
 * ModelOptions.DEFAULT.withContext(4096)}.
 *
 * @param backend {@code cpu}, or another backend on the class path
 * @param threads workers; 0 for as many as the machine has cores
 * @param context longest prompt and answer together, in tokens; 0 for the model's own, at most
 *     {@link #USUAL_CONTEXT}
 * @param cacheTokens tokens the KV cache holds for all sequences together; 0 for one full context
 * @param cacheTypes how cached rows are stored
 * @param indexPrecision how a lightning indexer keeps its keys
 * @param maxSequences sequences computed together
 * @param maxTokensPerStep tokens computed in one step: longer prompts are cut into chunks
 * @param maxQueuedRequests requests that may wait
 * @param machineCode whether a backend may write and run machine code of its own, which changes
 *     speed, and what {@link ActivationPrecision#AUTO} chooses
 * @param activations what inputs of matrix products are rounded to
 * @param warmUp whether opening takes some seconds longer, so that the first request runs as fast
 *     as the tenth: for servers, not for one short answer
 */
public record ModelOptions(
    String backend,
    int threads,
    int context,
    int cacheTokens,
    CacheTypes cacheTypes,
    IndexPrecision indexPrecision,
    int maxSequences,
    int maxTokensPerStep,
    int maxQueuedRequests,
    boolean machineCode,
    ActivationPrecision activations,
    boolean warmUp) {
  /** Context that is opened unless another is asked for, where the model has more. */
  public static final int USUAL_CONTEXT = 8192;

  /** All cores, the usual context, BF16 cache, exact index keys, 8 sequences. */
  public static final ModelOptions DEFAULT =
      new ModelOptions(
          "cpu",
          0,
          0,
          0,
          CacheTypes.of(DType.BF16),
          IndexPrecision.EXACT,
          8,
          512,
          256,
          true,
          ActivationPrecision.AUTO,
          false);

  public ModelOptions {
    require(threads >= 0, "threads", threads, "0 (all cores) or more");
    require(context >= 0, "context", context, "0 (the model's own) or more");
    require(cacheTokens >= 0, "cacheTokens", cacheTokens, "0 (one context) or more");
    require(maxSequences > 0, "maxSequences", maxSequences, "1 or more");
    require(
        maxTokensPerStep >= maxSequences,
        "maxTokensPerStep",
        maxTokensPerStep,
        "at least maxSequences");
    require(maxQueuedRequests > 0, "maxQueuedRequests", maxQueuedRequests, "1 or more");
  }

  private static void require(boolean holds, String name, Object found, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": found " + found + ", allowed: " + allowed);
    }
  }

  public ModelOptions withBackend(String value) {
    return new ModelOptions(
        value,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withThreads(int value) {
    return new ModelOptions(
        backend,
        value,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withContext(int value) {
    return new ModelOptions(
        backend,
        threads,
        value,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withCacheTokens(int value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        value,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  /** One type for all cached rows. */
  public ModelOptions withCacheType(DType value) {
    return withCacheTypes(CacheTypes.of(value));
  }

  public ModelOptions withCacheTypes(CacheTypes value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        value,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withIndexPrecision(IndexPrecision value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        value,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withMaxSequences(int value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        value,
        Math.max(value, maxTokensPerStep),
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withMaxTokensPerStep(int value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        value,
        maxQueuedRequests,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withMachineCode(boolean value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        value,
        activations,
        warmUp);
  }

  public ModelOptions withActivations(ActivationPrecision value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        value,
        warmUp);
  }

  public ModelOptions withMaxQueuedRequests(int value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        value,
        machineCode,
        activations,
        warmUp);
  }

  public ModelOptions withWarmUp(boolean value) {
    return new ModelOptions(
        backend,
        threads,
        context,
        cacheTokens,
        cacheTypes,
        indexPrecision,
        maxSequences,
        maxTokensPerStep,
        maxQueuedRequests,
        machineCode,
        activations,
        value);
  }
}
