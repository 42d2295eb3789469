package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/** A backend with its operations wrapped: where errors are planted. */
public final class WrappedBackend implements Backend {
  private final Backend backend;
  private final Ops ops;

  public WrappedBackend(Backend backend, UnaryOperator<Ops> wrap) {
    this.backend = backend;
    ops = wrap.apply(backend.ops());
  }

  @Override
  public String description() {
    return backend.description() + ", wrapped";
  }

  @Override
  public boolean roundsPromptsApart(DType type) {
    return backend.roundsPromptsApart(type);
  }

  @Override
  public boolean attendsToPromptsApart(int headsPerKey, Tensor keys, Tensor values) {
    return backend.attendsToPromptsApart(headsPerKey, keys, values);
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public Buffer allocate(long bytes) {
    return backend.allocate(bytes);
  }

  @Override
  public Buffer place(MemorySegment bytes) {
    return backend.place(bytes);
  }

  @Override
  public Selection selection(Extent tokens, int limit) {
    return backend.selection(tokens, limit);
  }

  @Override
  public Routing routing(Extent tokens, int experts, int topK) {
    return backend.routing(tokens, experts, topK);
  }

  @Override
  public void read(Tensor tensor, int row, float[] out) {
    backend.read(tensor, row, out);
  }

  @Override
  public void close() {
    backend.close();
  }
}
