package dev.akvavit.core;

import java.util.HashMap;
import java.util.Map;

/**
 * Activations, allocated once for the largest step. Layers run one after another, so one name is
 * one buffer.
 */
public final class Workspace {
  private final Backend backend;
  private final Map<String, Tensor> byName = new HashMap<>();

  /** All tokens of a step. */
  public final Extent tokens;

  /** The tokens that were generated: the first rows. */
  public final Extent generated;

  /** The tokens of prompts: the rows after those. */
  public final Extent prompt;

  /** The rows whose logits are wanted: none counts as a prompt's, whatever its token was. */
  public final Extent logits;

  public Workspace(Backend backend, int maxTokens, int maxLogits) {
    this.backend = backend;
    tokens = new Extent(maxTokens);
    generated = new Extent(maxTokens);
    prompt = new Extent(maxTokens);
    logits = new Extent(maxLogits);
  }

  /** {@code [tokens, heads, dim]} in F32. */
  public Tensor tensor(String name, int heads, int dim) {
    return byName.computeIfAbsent(
        name + ':' + heads + 'x' + dim, k -> allocate(tokens, heads, dim));
  }

  /** {@code [logits, 1, dim]} in F32. */
  public Tensor perLogit(String name, int dim) {
    return byName.computeIfAbsent(name + "/logit:" + dim, k -> allocate(logits, 1, dim));
  }

  /** Bytes of all tensors so far. */
  public long bytes() {
    return byName.values().stream().mapToLong(t -> t.buffer().byteSize()).sum();
  }

  private Tensor allocate(Extent extent, int heads, int dim) {
    long row = (long) heads * dim;
    Buffer buffer = backend.allocate(DType.F32.bytes(row * extent.capacity()));
    return new Tensor(buffer, DType.F32, extent, 0, Math.toIntExact(row), heads, dim, dim);
  }

  public void begin(Batch batch) {
    tokens.set(0, batch.tokens(), batch.generated());
    generated.set(0, batch.generated());
    prompt.set(batch.generated(), batch.tokens() - batch.generated(), 0);
    logits.set(0, batch.logits());
  }
}
