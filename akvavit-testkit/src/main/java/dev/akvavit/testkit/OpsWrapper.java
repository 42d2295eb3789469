package dev.akvavit.testkit;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Batch;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import org.jspecify.annotations.Nullable;

/** Passes every operation on; a sabotage overrides the one it damages. */
public class OpsWrapper implements Ops {
  protected final Ops ops;

  public OpsWrapper(Ops ops) {
    this.ops = ops;
  }

  @Override
  public void embed(Tensor out, Weight table, Batch batch) {
    ops.embed(out, table, batch);
  }

  @Override
  public void addPositions(Tensor x, Weight table, Batch batch) {
    ops.addPositions(x, table, batch);
  }

  @Override
  public void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
    ops.rmsNorm(out, x, gain, eps);
  }

  @Override
  public void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
    ops.layerNorm(out, x, gain, bias, eps);
  }

  @Override
  public void matmul(Tensor out, Tensor x, Weight w) {
    ops.matmul(out, x, w);
  }

  @Override
  public void addBias(Tensor x, Weight bias) {
    ops.addBias(x, bias);
  }

  @Override
  public void rope(Tensor x, Rope rope, Batch batch) {
    ops.rope(x, rope, batch);
  }

  @Override
  public void temper(Tensor x, Temperature temperature, Batch batch) {
    ops.temper(x, temperature, batch);
  }

  @Override
  public void hadamard(Tensor x) {
    ops.hadamard(x);
  }

  @Override
  public void roundToF8(Tensor x) {
    ops.roundToF8(x);
  }

  @Override
  public void copy(Tensor out, Tensor x) {
    ops.copy(out, x);
  }

  @Override
  public void add(Tensor x, Tensor y) {
    ops.add(x, y);
  }

  @Override
  public void swiglu(Tensor out, Tensor gate, Tensor up) {
    ops.swiglu(out, gate, up);
  }

  @Override
  public void activate(Tensor x, Activation f) {
    ops.activate(x, f);
  }

  @Override
  public void store(Tensor cache, Tensor rows, Batch batch) {
    ops.store(cache, rows, batch);
  }

  @Override
  public void storeF8(Tensor cache, Tensor scales, Tensor rows, Batch batch) {
    ops.storeF8(cache, scales, rows, batch);
  }

  @Override
  public void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch batch, float scale, int window) {
    ops.attend(out, q, keys, values, batch, scale, window);
  }

  @Override
  public void attend(
      Tensor out, Tensor q, Tensor keys, Tensor values, Batch batch, float scale, Selection only) {
    ops.attend(out, q, keys, values, batch, scale, only);
  }

  @Override
  public void attendExpanded(
      Tensor out, Tensor q, Tensor latents, Weight wUK, Weight wUV, Batch batch, float scale) {
    ops.attendExpanded(out, q, latents, wUK, wUV, batch, scale);
  }

  @Override
  public void select(
      Selection out,
      Tensor q,
      Tensor headWeights,
      Tensor keys,
      @Nullable Tensor scales,
      Batch batch) {
    ops.select(out, q, headWeights, keys, scales, batch);
  }

  @Override
  public void last(Tensor out, Tensor x, Batch batch) {
    ops.last(out, x, batch);
  }

  @Override
  public void route(Routing out, Tensor logits, @Nullable Weight bias, RouterConfig rule) {
    ops.route(out, logits, bias, rule);
  }

  @Override
  public void experts(Tensor out, Tensor x, ExpertWeights weights, Routing routing) {
    ops.experts(out, x, weights, routing);
  }
}
