package dev.akvavit.model;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Workspace;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A pre-norm decoder-only transformer: the whole forward pass, on one page. */
public final class Decoder implements Model {

  /**
   * @param parallel whether attention and feed-forward read the same residual (Falcon)
   */
  record Layer(
      Norm attentionNorm,
      Attention attention,
      Norm feedForwardNorm,
      FeedForward feedForward,
      boolean parallel) {}

  /**
   * @param embedding {@code [vocabulary, hidden]}
   * @param positions learned positions {@code [maxPositions, hidden]}, or null
   * @param head {@code [vocabulary, hidden]}
   */
  record Parts(
      Weight embedding,
      @Nullable Weight positions,
      List<Layer> layers,
      Norm outputNorm,
      Weight head) {}

  private final Backend backend;
  private final Ops ops;
  private final Workspace space;
  private final Parts parts;
  private final Layer[] layers;
  private final boolean oneForm;
  private final Tensor x, h, y, z; // [tokens, 1, hidden]
  private final Tensor last, logits; // [logits, 1, hidden], [logits, 1, vocabulary]
  private Observer observer = Observer.NONE;

  Decoder(Backend backend, Workspace space, Parts parts, boolean oneForm) {
    this.backend = backend;
    this.space = space;
    this.parts = parts;
    this.oneForm = oneForm;
    ops = backend.ops();
    layers = parts.layers().toArray(Layer[]::new);
    int hidden = parts.embedding().in();
    x = space.tensor("x", 1, hidden);
    h = space.tensor("h", 1, hidden);
    y = space.tensor("y", 1, hidden);
    z = space.tensor("z", 1, hidden);
    last = space.perLogit("last", hidden);
    logits = space.perLogit("logits", parts.head().out());
  }

  @Override
  public void forward(Batch batch) {
    compute(batch, () -> true);
  }

  @Override
  public void rehearse(Batch batch, BooleanSupplier goOn) {
    countLoad(false);
    try {
      compute(batch, goOn);
    } finally {
      countLoad(true);
    }
  }

  private void countLoad(boolean counting) {
    for (Layer layer : layers) {
      layer.feedForward().countLoad(counting);
    }
  }

  /** Layer by layer; nothing more, and no logits, once it should not go on. */
  private void compute(Batch batch, BooleanSupplier goOn) {
    space.begin(batch);
    ops.embed(x, parts.embedding(), batch);
    if (parts.positions() != null) {
      ops.addPositions(x, parts.positions(), batch);
    }
    for (int i = 0; i < layers.length; i++) {
      if (!goOn.getAsBoolean()) {
        return;
      }
      Layer layer = layers[i];
      observer.hidden(i, x, batch);
      layer.attentionNorm().apply(ops, h, x);
      layer.attention().forward(y, h, batch);
      if (layer.parallel()) {
        layer.feedForwardNorm().apply(ops, h, x);
        layer.feedForward().forward(z, h);
        ops.add(x, y);
        ops.add(x, z);
      } else {
        ops.add(x, y);
        layer.feedForwardNorm().apply(ops, h, x);
        layer.feedForward().forward(y, h);
        ops.add(x, y);
      }
      if (layer.attention().selection() != null) {
        observer.selection(i, layer.attention().selection(), batch);
      }
    }
    ops.last(last, x, batch);
    parts.outputNorm().apply(ops, last, last);
    observer.output(last, batch);
    ops.matmul(logits, last, parts.head());
  }

  @Override
  public void logits(int row, float[] out) {
    backend.read(logits, row, out);
  }

  @Override
  public int vocabulary() {
    return parts.head().out();
  }

  @Override
  public boolean generatedRowsMatchPrompt() {
    return oneForm;
  }

  /** Replaces the observer; {@link Observer#NONE} to stop. Call between steps. */
  public void observe(Observer observer) {
    this.observer = observer;
  }

  /**
   * Tokens served per routed expert since the model was built: {@code [layer][expert]}, empty rows
   * for dense layers.
   */
  public long[][] expertLoad() {
    long[][] load = new long[layers.length][];
    for (int i = 0; i < layers.length; i++) {
      load[i] = layers[i].feedForward().expertLoad();
    }
    return load;
  }

  /** Bytes of activations. */
  public long workspaceBytes() {
    return space.bytes();
  }
}
