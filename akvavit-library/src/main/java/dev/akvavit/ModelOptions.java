package dev.akvavit;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import java.util.function.Consumer;

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
 * @param warmUp whether opening waits for {@link LanguageModel#warmUp()}, some seconds, so that the
 *     first request runs nearly as fast as the tenth: for servers, not for one short answer
 * @param repack whether opening copies quantised weights, sixteen rows interleaved, where machine
 *     code then generates faster: it takes as much memory as they do, and a second or so a gigabyte
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
    boolean warmUp,
    boolean repack) {
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
          false,
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
    return changed(d -> d.backend = value);
  }

  public ModelOptions withThreads(int value) {
    return changed(d -> d.threads = value);
  }

  public ModelOptions withContext(int value) {
    return changed(d -> d.context = value);
  }

  public ModelOptions withCacheTokens(int value) {
    return changed(d -> d.cacheTokens = value);
  }

  /** One type for all cached rows. */
  public ModelOptions withCacheType(DType value) {
    return withCacheTypes(CacheTypes.of(value));
  }

  public ModelOptions withCacheTypes(CacheTypes value) {
    return changed(d -> d.cacheTypes = value);
  }

  public ModelOptions withIndexPrecision(IndexPrecision value) {
    return changed(d -> d.indexPrecision = value);
  }

  public ModelOptions withMaxSequences(int value) {
    return changed(d -> {
      d.maxSequences = value;
      d.maxTokensPerStep = Math.max(value, maxTokensPerStep);
    });
  }

  public ModelOptions withMaxTokensPerStep(int value) {
    return changed(d -> d.maxTokensPerStep = value);
  }

  public ModelOptions withMachineCode(boolean value) {
    return changed(d -> d.machineCode = value);
  }

  public ModelOptions withActivations(ActivationPrecision value) {
    return changed(d -> d.activations = value);
  }

  public ModelOptions withMaxQueuedRequests(int value) {
    return changed(d -> d.maxQueuedRequests = value);
  }

  public ModelOptions withWarmUp(boolean value) {
    return changed(d -> d.warmUp = value);
  }

  public ModelOptions withRepack(boolean value) {
    return changed(d -> d.repack = value);
  }

  private ModelOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** The components while one is changed. */
  private static final class Draft {
    private String backend;
    private int threads;
    private int context;
    private int cacheTokens;
    private CacheTypes cacheTypes;
    private IndexPrecision indexPrecision;
    private int maxSequences;
    private int maxTokensPerStep;
    private int maxQueuedRequests;
    private boolean machineCode;
    private ActivationPrecision activations;
    private boolean warmUp;
    private boolean repack;

    Draft(ModelOptions from) {
      backend = from.backend;
      threads = from.threads;
      context = from.context;
      cacheTokens = from.cacheTokens;
      cacheTypes = from.cacheTypes;
      indexPrecision = from.indexPrecision;
      maxSequences = from.maxSequences;
      maxTokensPerStep = from.maxTokensPerStep;
      maxQueuedRequests = from.maxQueuedRequests;
      machineCode = from.machineCode;
      activations = from.activations;
      warmUp = from.warmUp;
      repack = from.repack;
    }

    ModelOptions options() {
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
          warmUp,
          repack);
    }
  }
}
