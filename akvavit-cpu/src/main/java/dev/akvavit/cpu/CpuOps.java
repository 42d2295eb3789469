package dev.akvavit.cpu;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of contents: each operation and the class that computes it. One caller at a time. */
final class CpuOps implements Ops {
  private final RowOps rows;
  private final Matmul matmul;
  private final Rotary rotary;
  private final PagedAttention attention;
  private final ExpandedAttention expanded;
  private final LightningIndexer indexer;
  private final Router router;
  private final ExpertGroups experts;

  CpuOps(Workers workers, boolean machineCode, RoundingRule rounding) {
    Scratch[] scratch = Scratch.of(workers.threads(), machineCode, rounding);
    Extent empty = new Extent(0);
    CpuBuffer bytes = new CpuBuffer(MemorySegment.NULL);
    Tensor none = new Tensor(bytes, DType.F32, empty, 0, 1, 1, 1, 1);
    Weight nothing = Weight.vector("nothing", 1, bytes);
    Batch batch = new Batch(0, 0, 0, 1);
    rows = new RowOps(workers, scratch, none, nothing, batch);
    matmul = new Matmul(workers, scratch, rounding, none, nothing);
    rotary = new Rotary(workers, scratch, none);
    attention = new PagedAttention(workers, scratch, none, batch);
    expanded = new ExpandedAttention(workers, scratch, none, nothing, batch);
    indexer = new LightningIndexer(workers, scratch, new CpuSelection(empty, 0), none, batch);
    CpuRouting routing = new CpuRouting(empty, 1);
    RouterConfig rule =
        new RouterConfig(
            1, 1, RouterConfig.Scoring.SOFTMAX, 1, 1, RouterConfig.GroupScore.MAX, false, 1);
    router = new Router(workers, scratch, routing, none, rule);
    experts =
        new ExpertGroups(
            workers,
            scratch,
            rounding,
            none,
            new ExpertWeights(List.of(), List.of(), List.of()),
            routing);
  }

  @Override
  public void embed(Tensor out, Weight table, Batch batch) {
    rows.embed(out, table, batch);
  }

  @Override
  public void addPositions(Tensor x, Weight table, Batch batch) {
    rows.addPositions(x, table, batch);
  }

  @Override
  public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
    rows.rmsNorm(out, x, gain, eps);
  }

  @Override
  public void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
    rows.layerNorm(out, x, gain, bias, eps);
  }

  @Override
  public void matmul(Tensor out, Tensor x, Weight w) {
    matmul.run(out, x, w);
  }

  @Override
  public void matmul(Tensor x, Product... products) {
    matmul.run(x, products);
  }

  @Override
  public void addBias(Tensor x, Weight bias) {
    rows.addBias(x, bias);
  }

  @Override
  public void rope(Tensor x, Rope rope, Batch batch) {
    rotary.run(x, rope, batch);
  }

  @Override
  public void temper(Tensor x, Temperature temperature, Batch batch) {
    rows.temper(x, temperature, batch);
  }

  @Override
  public void hadamard(Tensor x) {
    rows.hadamard(x);
  }

  @Override
  public void roundToF8(Tensor x) {
    rows.roundToF8(x);
  }

  @Override
  public void copy(Tensor out, Tensor x) {
    rows.copy(out, x);
  }

  @Override
  public void add(Tensor x, Tensor y) {
    rows.add(x, y);
  }

  @Override
  public void swiglu(Tensor out, Tensor gate, Tensor up) {
    rows.swiglu(out, gate, up);
  }

  @Override
  public void activate(Tensor x, Activation f) {
    rows.activate(x, f);
  }

  @Override
  public void store(Tensor cache, Tensor fresh, Batch batch) {
    rows.store(cache, fresh, batch);
  }

  @Override
  public void storeF8(Tensor cache, Tensor scales, Tensor fresh, Batch batch) {
    rows.storeF8(cache, scales, fresh, batch);
  }

  @Override
  public void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch batch, float scale, int window) {
    attention.run(out, q, keys, values, batch, scale, window, null);
  }

  @Override
  public void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch batch, float scale, Selection only) {
    attention.run(out, q, keys, values, batch, scale, 0, (CpuSelection) only);
  }

  @Override
  public void attendExpanded(
      Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch batch, float scale) {
    expanded.run(out, q, latents, wUK, wUV, batch, scale);
  }

  @Override
  public void select(
      Selection out,
      Tensor q,
      Tensor headWeights,
      Tensor keys,
      @Nullable Tensor scales,
      Batch batch) {
    indexer.run((CpuSelection) out, q, headWeights, keys, scales, batch);
  }

  @Override
  public void last(Tensor out, Tensor x, Batch batch) {
    rows.last(out, x, batch);
  }

  @Override
  public void route(Routing out, Tensor logits, @Nullable Weight bias, RouterConfig rule) {
    router.run((CpuRouting) out, logits, bias, rule);
  }

  @Override
  public void experts(Tensor out, Tensor x, ExpertWeights weights, Routing routing) {
    experts.run(out, x, weights, (CpuRouting) routing);
  }
}
