package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What attention must keep to on a backend that rounds queries and weights to BF16 where the cache
 * is BF16: the oracle's result for rounded queries, but for what rounded weights may change, and
 * the same bits however a step is cut and shared. Shapes are those that fill tiles, and some that
 * do not.
 */
public abstract class RoundedAttentionContract {
  /** Half the distance from 1 to the next BF16 number. */
  private static final double BF16_ROUNDOFF = 0x1p-8;

  private static final int[] SIZES = {32, 64, 96, 128, 160, 192, 16, 33};

  private Backend team = new ScalarBackend();
  private Backend alone = team;
  private OpsTrial trial = new OpsTrial(team, alone);

  /** A fresh backend of so many threads that rounds where it gains by it. */
  protected abstract Backend open(int threads);

  /** Cases of each kind of attention. */
  protected int cases() {
    return 1000;
  }

  @BeforeEach
  final void openBackends() {
    team = open(3);
    alone = open(1);
    trial = new OpsTrial(team, alone);
  }

  @AfterEach
  final void closeBackends() {
    team.close();
    alone.close();
  }

  private static int size(SplittableRandom r) {
    return SIZES[r.nextInt(r.nextInt(3) == 0 ? SIZES.length : 2)];
  }

  private static HostBatch batch(SplittableRandom r, int deep) {
    int longest = r.nextInt(60) == 0 ? deep : r.nextInt(4) == 0 ? 150 : 40;
    return HostBatch.random(r, 50, longest, r.nextBoolean());
  }

  private static Tolerance tolerance(HostBatch host, int dim, double scale) {
    double scoreError = Tolerance.dot(dim, scale * dim * 4.1).absolute();
    return Tolerance.softmax(host.longestContext(), scoreError, 2.1, 2.1 * BF16_ROUNDOFF);
  }

  /** Queries that rounding does not change: which ones are rounded is the backend's choice. */
  private static HostTensor rounded(HostTensor q) {
    HostTensor same = new HostTensor(DType.F32, q.rows, q.heads, q.dim, 0, 0, 0);
    for (int row = 0; row < q.rows; row++) {
      for (int h = 0; h < q.heads; h++) {
        for (int d = 0; d < q.dim; d++) {
          int bits = Float.floatToRawIntBits(q.get(row, h, d));
          int even = bits + 0x7FFF + (bits >>> 16 & 1);
          same.set(row, h, d, Float.intBitsToFloat(even & 0xFFFF_0000));
        }
      }
    }
    return same;
  }

  @Test
  final void attendDenseAndWindowed() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostBatch host = batch(r, 1200);
          int keyHeads = r.nextInt(4) == 0 ? 3 : 1;
          int heads = keyHeads * (1 + r.nextInt(r.nextInt(30) == 0 ? 128 : 12));
          int dim = size(r);
          boolean latent = r.nextBoolean();
          int valueDim = latent ? Math.min(dim, size(r)) : size(r);
          HostTensor keys = host.plane(r, DType.BF16, keyHeads, dim, 2);
          HostTensor values = host.plane(r, DType.BF16, keyHeads, valueDim, 2);
          HostTensor q = rounded(HostTensor.random(r, host.batch.tokens(), heads, dim, 2));
          HostTensor out = HostTensor.empty(r, q.rows, heads, valueDim);
          float scale = (float) (1 / Math.sqrt(dim));
          int window = r.nextInt(3) == 0 ? 1 + r.nextInt(200) : 0;
          trial.check(
              r,
              q.rows,
              out,
              tolerance(host, dim, scale),
              place -> {
                Tensor result = place.put(out);
                Tensor k = place.cache(keys);
                Tensor v = latent ? k.slice(0, valueDim) : place.cache(values);
                place.backend.ops().attend(result, place.put(q), k, v, host.batch, scale, window);
                return result;
              });
        });
  }

  @Test
  final void selectAndAttendSelected() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostBatch host = batch(r, 1500);
          int rows = host.batch.tokens();
          int indexHeads = 1 + r.nextInt(r.nextInt(4) == 0 ? 70 : 12);
          int indexDim = 32 << r.nextInt(3);
          int limit = 1 + r.nextInt(r.nextBoolean() ? 30 : 300);
          boolean f8 = r.nextBoolean();
          HostTensor indexQ = whole(r, HostTensor.random(r, rows, indexHeads, indexDim, 1), 2, 1);
          HostTensor weights = whole(r, HostTensor.random(r, rows, 1, indexHeads, 1), 3, 0.25f);
          DType type = f8 ? DType.F8_E4M3 : DType.BF16;
          HostTensor indexKeys = whole(r, host.plane(r, type, 1, indexDim, 1), 2, 1);
          HostTensor factors = whole(r, host.plane(r, DType.F32, 1, 1, 1), 2, 0.5f);
          int dim = size(r);
          int heads = 1 + r.nextInt(12);
          HostTensor latents = host.plane(r, DType.BF16, 1, dim, 2);
          HostTensor q = rounded(HostTensor.random(r, rows, heads, dim, 2));
          HostTensor out = HostTensor.empty(r, rows, heads, dim);
          trial.check(
              r,
              rows,
              out,
              tolerance(host, dim, 0.25),
              place -> {
                Ops ops = place.backend.ops();
                Selection selection = place.backend.selection(place.extent, limit);
                ops.select(
                    selection,
                    place.put(indexQ),
                    place.put(weights),
                    place.cache(indexKeys),
                    f8 ? place.cache(factors) : null,
                    host.batch);
                Tensor result = place.put(out);
                Tensor k = place.cache(latents);
                Tensor queries = place.put(q);
                ops.attend(result, queries, k, k, host.batch, 0.25f, selection);
                if (limit >= host.longestContext() && !(place.backend instanceof ScalarBackend)) {
                  Tensor dense = place.put(out);
                  ops.attend(dense, queries, k, k, host.batch, 0.25f, 0);
                  OpsTrial.same(
                      "all selected",
                      out.all(place.backend, dense),
                      out.all(place.backend, result));
                }
                return result;
              });
        });
  }

  /** Weights pick numbers of the latents, so that keys and values are as exact as in the cache. */
  @Test
  final void attendExpanded() {
    OpsTrial.repeat(
        cases() / 5,
        r -> {
          boolean many = r.nextInt(20) == 0;
          HostBatch host = HostBatch.random(r, 50, many ? 200 : 90, true, many ? 300 : 40);
          int heads = many ? 1 : 1 + r.nextInt(3);
          int rank = size(r);
          int keyDim = 32 * (1 + r.nextInt(many ? 2 : 4));
          int rope = 2 * (1 + r.nextInt(12));
          int nope = keyDim - rope;
          int valueDim = size(r);
          int period = Math.max(rank, nope + valueDim);
          int shift = r.nextInt(period);
          UnaryOperator<Weight> split = v -> v.split(heads);
          HostWeight both =
              HostWeight.random(r, exact(r), heads * (nope + valueDim), rank, split)
                  .picking(period, shift);
          HostWeight columns =
              HostWeight.random(r, exact(r), heads * rank, nope, v -> v.split(heads).transpose())
                  .picking(period, shift);
          boolean apart = r.nextBoolean();
          HostTensor latents = host.plane(r, DType.BF16, 1, rank + rope, 2);
          HostTensor q = rounded(HostTensor.random(r, host.batch.tokens(), heads, keyDim, 2));
          HostTensor out = HostTensor.empty(r, q.rows, heads, valueDim);
          float scale = (float) (1 / Math.sqrt(keyDim));
          trial.check(
              r,
              q.rows,
              out,
              tolerance(host, keyDim, scale),
              place -> {
                Tensor result = place.put(out);
                Weight w = both.on(place.backend);
                Weight k = apart ? columns.on(place.backend) : w.rows(0, nope);
                Weight v = w.rows(nope, valueDim);
                Tensor plane = place.cache(latents);
                Ops ops = place.backend.ops();
                ops.attendExpanded(result, place.put(q), plane, k, v, host.batch, scale);
                return result;
              });
        });
  }

  private static DType exact(SplittableRandom r) {
    return r.nextInt(3) == 0 ? DType.F16 : r.nextBoolean() ? DType.BF16 : DType.F32;
  }

  @Test
  final void queriesAreRounded() {
    OpsTrial.repeat(
        50,
        r -> {
          HostBatch host = batch(r, 200);
          HostTensor plane = host.plane(r, DType.BF16, 1, 64, 2);
          HostTensor q = HostTensor.random(r, host.batch.tokens(), 16, 64, 2);
          HostTensor out = HostTensor.empty(r, q.rows, 16, 64);
          OpsTrial.same(
              "results", attend(host, out, q, plane), attend(host, out, rounded(q), plane));
        });
  }

  private float[] attend(HostBatch host, HostTensor out, HostTensor q, HostTensor plane) {
    Extent rows = new Extent(q.rows);
    rows.set(0, q.rows);
    Tensor result = out.on(alone, rows);
    Tensor k = plane.on(alone, new Extent(plane.rows));
    alone.ops().attend(result, q.on(alone, rows), k, k, host.batch, 0.1f, 0);
    return out.all(alone, result);
  }

  /** Small multiples of {@code unit}: sums are exact in any order and rounding, ties are many. */
  private static HostTensor whole(SplittableRandom r, HostTensor t, int largest, float unit) {
    for (int row = 0; row < t.rows; row++) {
      for (int h = 0; h < t.heads; h++) {
        for (int d = 0; d < t.dim; d++) {
          if (!Float.isNaN(t.get(row, h, d))) {
            t.set(row, h, d, unit * r.nextInt(-largest, largest + 1));
          }
        }
      }
    }
    return t;
  }
}
