package dev.akvavit.testkit;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ExpertWeights;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.RouterConfig;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every backend must pass: each operation on random shapes (primes and 1 among them), types,
 * gaps, pages and ragged batches, against the oracle; and the same bits whatever shares the step,
 * however it is cut, however many threads work. See {@link OpsTrial}.
 *
 * <p>The file is long for a reason: one test an operation, in the order of {@link
 * dev.akvavit.core.Ops}, so that a missing one shows.
 */
public abstract class OpsContract {
  private static final int[] SIZES = {
    1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 32, 48, 64, 67, 96, 128, 131, 192
  };
  private static final DType[] STORED = {DType.F32, DType.BF16, DType.F16, DType.F8_E4M3};
  private static final DType[] CACHED = {DType.F32, DType.BF16, DType.F16, DType.Q8_0};

  /** Types that keep small multiples of a power of two as they are. */
  private static final DType[] ROUNDED_ALONE = {DType.F32, DType.BF16, DType.F16};

  private Backend team = new ScalarBackend();
  private Backend alone = team;
  private OpsTrial trial = new OpsTrial(team, alone);

  /** A fresh backend of so many threads. */
  protected abstract Backend open(int threads);

  /** Cases of each operation; matmul and attend have twice as many. */
  protected int cases() {
    return 100;
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
    return SIZES[r.nextInt(SIZES.length)];
  }

  /** A width that rows of this type can have. */
  private static int size(SplittableRandom r, DType type) {
    return Math.ceilDiv(size(r), type.blockElements()) * type.blockElements();
  }

  private static int rows(SplittableRandom r) {
    return r.nextInt(4) == 0 ? 1 : r.nextInt(1, 40);
  }

  private static DType any(SplittableRandom r, DType... types) {
    return types[r.nextInt(types.length)];
  }

  /** Checks an operation that changes a tensor row by row, without a batch. */
  private void inPlace(Tolerance tolerance, SplittableRandom r, HostTensor x, InPlace op) {
    trial.check(
        r,
        x.rows,
        x,
        tolerance,
        place -> {
          Tensor t = place.put(x);
          op.run(place.backend.ops(), t, place.backend);
          return t;
        });
  }

  private interface InPlace {
    void run(Ops ops, Tensor x, Backend backend);
  }

  @Test
  final void matmulOfEveryView() {
    OpsTrial.repeat(
        2 * cases(),
        r -> {
          DType type = any(r, STORED);
          int heads = 1 + r.nextInt(3);
          int out = size(r);
          int in = size(r);
          int extra = r.nextInt(4);
          int from = r.nextInt(extra + 1);
          int form = r.nextInt(7);
          HostWeight w =
              switch (form) {
                case 0 -> weight(r, type, out, in, UnaryOperator.identity());
                case 1 -> weight(r, type, heads * out, in, v -> v.split(heads));
                case 2 ->
                    weight(r, type, heads * (out + extra), in, v -> v.split(heads).rows(from, out));
                case 3 ->
                    weight(
                        r,
                        type,
                        heads * (in + extra),
                        out,
                        v -> v.split(heads).rows(from, in).transpose());
                case 4 -> weight(r, type, heads * out, in, v -> v.split(heads).head(heads - 1));
                case 5 ->
                    weight(
                        r,
                        type,
                        heads * (out + extra),
                        in,
                        v -> v.split(heads).rows(from, out).merged());
                default -> weight(r, type, in, out, Weight::transpose);
              };
          Weight shape = w.on(team);
          boolean dense = shape.heads() == 1;
          int xHeads = !dense ? shape.heads() : shape.in() % 2 == 0 ? 2 : 1;
          int outHeads = !dense ? shape.heads() : shape.out() % 3 == 0 ? 3 : 1;
          int rows = rows(r);
          HostTensor x =
              HostTensor.random(r, rows, xHeads, dense ? shape.in() / xHeads : shape.in(), 2);
          HostTensor y =
              HostTensor.empty(r, rows, outHeads, dense ? shape.out() / outHeads : shape.out());
          Tolerance tolerance = Tolerance.dot(shape.in(), shape.in() * w.largest() * 2);
          trial.check(
              r,
              rows,
              y,
              tolerance,
              place -> {
                Tensor result = place.put(y);
                place.backend.ops().matmul(result, place.put(x), w.on(place.backend));
                return result;
              });
        });
  }

  @Test
  final void matmulOfQuantisedTypes() {
    DType[] quantised =
        Arrays.stream(DType.values()).filter(DType::quantised).toArray(DType[]::new);
    OpsTrial.repeat(
        cases(),
        r -> {
          DType type = any(r, quantised);
          int heads = 1 + r.nextInt(2);
          int whole = type.blockElements() * (1 + r.nextInt(512 / type.blockElements()));
          int other = 1 + r.nextInt(20);
          HostWeight w =
              switch (r.nextInt(4)) {
                case 0 -> weight(r, type, other, whole, UnaryOperator.identity());
                case 1 ->
                    weight(r, type, heads * (other + 2), whole, v -> v.split(heads).rows(1, other));
                case 2 -> weight(r, type, heads * other, whole, v -> v.split(heads).transpose());
                default -> weight(r, type, heads * other, whole, v -> v.split(heads).head(0));
              };
          Weight shape = w.on(team);
          int rows = 1 + r.nextInt(9);
          HostTensor x = HostTensor.random(r, rows, shape.heads(), shape.in(), 2);
          HostTensor y = HostTensor.empty(r, rows, shape.heads(), shape.out());
          Tolerance tolerance = Tolerance.dot(shape.in(), shape.in() * w.largest() * 2);
          trial.check(
              r,
              rows,
              y,
              tolerance,
              place -> {
                Tensor result = place.put(y);
                place.backend.ops().matmul(result, place.put(x), w.on(place.backend));
                return result;
              });
        });
  }

  private static HostWeight weight(
      SplittableRandom r, DType t, int rows, int columns, UnaryOperator<Weight> view) {
    return HostWeight.random(r, t, rows, columns, view);
  }

  @Test
  final void norms() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostTensor x = HostTensor.random(r, rows(r), 1 + r.nextInt(3), size(r), 3);
          HostWeight gain = HostWeight.vector(r, x.dim);
          HostWeight bias = HostWeight.vector(r, x.dim);
          // centring loses what the mean adds: the deviation may be as small as eps allows
          Tolerance tolerance = Tolerance.norm(x.dim, x.largest() / Math.sqrt(0.01));
          inPlace(tolerance, r, x, (ops, t, b) -> ops.rmsNorm(t, t, gain.on(b), 0.01f));
          inPlace(
              tolerance, r, x, (ops, t, b) -> ops.layerNorm(t, t, gain.on(b), bias.on(b), 0.01f));
        });
  }

  @Test
  final void sums() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostTensor x = HostTensor.random(r, rows(r), 1 + r.nextInt(3), size(r), 3);
          HostTensor y = HostTensor.random(r, x.rows, x.heads, x.dim, 3);
          HostWeight bias = HostWeight.vector(r, x.heads * x.dim);
          inPlace(Tolerance.NONE, r, x, (ops, t, b) -> ops.addBias(t, bias.on(b)));
          trial.check(
              r,
              x.rows,
              x,
              Tolerance.NONE,
              place -> {
                Tensor t = place.put(x);
                place.backend.ops().add(t, place.put(y));
                return t;
              });
          HostTensor out = HostTensor.empty(r, x.rows, x.heads, x.dim);
          trial.check(
              r,
              x.rows,
              out,
              Tolerance.NONE,
              place -> {
                Tensor t = place.put(out);
                place.backend.ops().copy(t, place.put(x));
                return t;
              });
        });
  }

  @Test
  final void activations() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostTensor x = HostTensor.random(r, rows(r), 1, size(r), r.nextInt(3) == 0 ? 100 : 6);
          HostTensor y = HostTensor.random(r, x.rows, 1, x.dim, 3);
          // a sigmoid's slope is at most 1/4 and its argument is off by roundings of its own size
          Tolerance tolerance =
              new Tolerance(
                  Tolerance.ROUNDOFF * 2 * x.largest(),
                  2 * Tolerance.EXPONENTIAL + 4 * Tolerance.ROUNDOFF);
          inPlace(tolerance, r, x, (ops, t, b) -> ops.activate(t, Activation.GELU));
          inPlace(tolerance, r, x, (ops, t, b) -> ops.activate(t, Activation.GELU_TANH));
          trial.check(
              r,
              x.rows,
              x,
              tolerance,
              place -> {
                Tensor t = place.put(x);
                place.backend.ops().swiglu(t, t, place.put(y));
                return t;
              });
        });
  }

  @Test
  final void hadamardAndF8() {
    OpsTrial.repeat(
        cases(),
        r -> {
          int dim = 1 << r.nextInt(8);
          HostTensor x =
              HostTensor.random(r, rows(r), 1 + r.nextInt(3), dim, r.nextInt(3) == 0 ? 1e-3 : 600);
          inPlace(
              Tolerance.dot(8, Math.sqrt(dim) * x.largest()), r, x, (ops, t, b) -> ops.hadamard(t));
          HostTensor y =
              HostTensor.random(
                  r, rows(r), 1 + r.nextInt(3), size(r), Math.pow(10, r.nextInt(-6, 4)));
          inPlace(Tolerance.NONE, r, y, (ops, t, b) -> ops.roundToF8(t));
        });
  }

  @Test
  final void whatDependsOnPosition() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostBatch host = HostBatch.random(r, 50, 90);
          int rows = host.batch.tokens();
          int dim = 2 * size(r);
          HostTensor x = HostTensor.random(r, rows, 1 + r.nextInt(3), dim, 2);
          float[] frequencies = new float[1 + r.nextInt(dim / 2)];
          for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(10_000, -2.0 * i / dim);
          }
          RopeStyle[] styles = RopeStyle.values();
          Rope rope =
              new Rope(styles[r.nextInt(styles.length)], frequencies, r.nextBoolean() ? 1 : 1.25f);
          Tolerance turned = Tolerance.dot(2, 2 * 1.25 * x.largest());
          inPlace(turned, r, x, (ops, t, b) -> ops.rope(t, rope, host.batch));
          Temperature temperature = new Temperature(0.1f, 64);
          inPlace(Tolerance.NONE, r, x, (ops, t, b) -> ops.temper(t, temperature, host.batch));
          DType type = any(r, STORED);
          HostWeight table = weight(r, type, 130, dim, UnaryOperator.identity());
          HostTensor plain = HostTensor.random(r, rows, 1, dim, 2);
          inPlace(Tolerance.NONE, r, plain, (ops, t, b) -> ops.embed(t, table.on(b), host.batch));
          inPlace(
              Tolerance.NONE,
              r,
              plain,
              (ops, t, b) -> ops.addPositions(t, table.on(b), host.batch));
        });
  }

  @Test
  final void stores() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostBatch host = HostBatch.random(r, 50, 100);
          DType type = any(r, CACHED);
          HostTensor x =
              HostTensor.random(
                  r,
                  host.batch.tokens(),
                  1 + r.nextInt(3),
                  size(r, type),
                  Math.pow(10, r.nextInt(-3, 6)));
          HostTensor cache = host.plane(r, type, x.heads, x.dim, 1);
          storedApart(r, host);
          HostTensor codes = host.plane(r, DType.F8_E4M3, 1, x.dim, 1);
          HostTensor factors = host.plane(r, DType.F32, 1, 1, 1);
          HostTensor one = HostTensor.random(r, x.rows, 1, x.dim, 5);
          written(x, cache, (ops, t, c) -> ops.store(c, t, host.batch));
          Backend oracle = new ScalarBackend();
          float[] expected = f8Codes(oracle, host, one, codes, factors);
          OpsTrial.same("codes and factors", expected, f8Codes(team, host, one, codes, factors));
          written(
              one,
              HostTensor.empty(r, host.batch.logits(), 1, x.dim),
              (ops, t, c) -> ops.last(c, t, host.batch));
        });
  }

  /** Rows whose ends lie in a plane of their own. */
  private void storedApart(SplittableRandom r, HostBatch host) {
    HostTensor begin = host.plane(r, any(r, CACHED), 2, 32, 1);
    HostTensor end = host.plane(r, any(r, CACHED), 2, 64, 1);
    HostTensor x = HostTensor.random(r, host.batch.tokens(), 2, 96, 3);
    float[][] results = new float[4][];
    Backend[] backends = {new ScalarBackend(), team};
    for (int i = 0; i < 2; i++) {
      OpsTrial.Place place = new OpsTrial.Place(backends[i], new Extent(x.rows));
      Tensor first = place.cache(begin);
      Tensor rest = place.cache(end);
      backends[i].ops().store(first.then(rest), place.put(x), host.batch);
      results[i] = begin.all(backends[i], first);
      results[2 + i] = end.all(backends[i], rest);
    }
    OpsTrial.same("beginnings of rows", results[0], results[1]);
    OpsTrial.same("ends of rows", results[2], results[3]);
  }

  /** An operation that writes rows elsewhere than at their own place. */
  private interface Store {
    void run(Ops ops, Tensor rows, Tensor cache);
  }

  private void written(HostTensor x, HostTensor target, Store store) {
    float[][] results = new float[2][];
    Backend[] backends = {new ScalarBackend(), team};
    for (int i = 0; i < 2; i++) {
      OpsTrial.Place place = new OpsTrial.Place(backends[i], new Extent(x.rows));
      Tensor plane = place.cache(target);
      store.run(backends[i].ops(), place.put(x), plane);
      results[i] = target.all(backends[i], plane);
    }
    OpsTrial.same("written rows", results[0], results[1]);
  }

  private static float[] f8Codes(
      Backend b, HostBatch host, HostTensor x, HostTensor codes, HostTensor factors) {
    OpsTrial.Place place = new OpsTrial.Place(b, new Extent(x.rows));
    Tensor c = place.cache(codes);
    Tensor f = place.cache(factors);
    b.ops().storeF8(c, f, place.put(x), host.batch);
    float[] all = new float[x.rows * (x.dim + 1)];
    float[] row = new float[x.dim];
    float[] factor = new float[1];
    for (int t = 0; t < x.rows; t++) {
      b.read(c, host.batch.slots[t], row);
      b.read(f, host.batch.slots[t], factor);
      System.arraycopy(row, 0, all, t * (x.dim + 1), x.dim);
      all[t * (x.dim + 1) + x.dim] = factor[0];
    }
    return all;
  }

  @Test
  final void attendDenseAndWindowed() {
    OpsTrial.repeat(
        2 * cases(),
        r -> {
          boolean deep = r.nextInt(10) == 0;
          HostBatch host = HostBatch.random(r, 50, deep ? 2500 : 200);
          int keyHeads = 1 + r.nextInt(3);
          int heads = keyHeads * (deep ? 2 : 1 + r.nextInt(6));
          DType type = any(r, CACHED);
          DType rest = any(r, CACHED);
          int block = type.blockElements();
          int own = deep ? Math.max(8, block) : size(r, type);
          boolean latent = r.nextInt(3) == 0;
          boolean apart = r.nextInt(3) == 0;
          DType valueType = latent ? type : rest;
          int valueDim =
              latent
                  ? block * (1 + r.nextInt(own / block))
                  : deep ? Math.max(5, rest.blockElements()) : size(r, rest);
          int from = latent ? block * r.nextInt((own - valueDim) / block + 1) : 0;
          HostTensor keys = host.plane(r, type, keyHeads, own, 2);
          HostTensor tail = host.plane(r, rest, keyHeads, size(r, rest), 2);
          HostTensor values = host.plane(r, valueType, keyHeads, valueDim, 2);
          int dim = apart ? own + tail.dim : own;
          HostTensor q = HostTensor.random(r, host.batch.tokens(), heads, dim, 2);
          HostTensor out = HostTensor.empty(r, q.rows, heads, valueDim);
          float scale = (float) (1 / Math.sqrt(dim));
          int window = r.nextInt(3) == 0 ? 1 + r.nextInt(100) : 0;
          Tolerance tolerance = softmax(host, dim, scale);
          trial.check(
              r,
              q.rows,
              out,
              tolerance,
              place -> {
                Tensor result = place.put(out);
                Tensor alone = place.cache(keys);
                Tensor v = latent ? alone.slice(from, valueDim) : place.cache(values);
                Tensor k = apart ? alone.then(place.cache(tail)) : alone;
                place.backend.ops().attend(result, place.put(q), k, v, host.batch, scale, window);
                return result;
              });
        });
  }

  /** Scores of elements up to 2 in BF16, which are exact once stored. */
  private static Tolerance softmax(HostBatch host, int dim, double scale) {
    double scoreError = Tolerance.dot(dim, scale * dim * 4.1).absolute();
    return Tolerance.softmax(host.longestContext(), scoreError, 2.1, 0);
  }

  @Test
  final void selectAndAttendSelected() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostBatch host = HostBatch.random(r, 50, r.nextInt(8) == 0 ? 2100 : 150);
          int rows = host.batch.tokens();
          int indexHeads = 1 + r.nextInt(5);
          int indexDim = 1 << r.nextInt(6);
          int limit = 1 + r.nextInt(r.nextBoolean() ? 20 : 300);
          boolean f8 = r.nextBoolean();
          HostTensor indexQ = whole(r, HostTensor.random(r, rows, indexHeads, indexDim, 1), 2, 1);
          HostTensor weights = whole(r, HostTensor.random(r, rows, 1, indexHeads, 1), 3, 0.25f);
          HostTensor indexKeys =
              whole(
                  r,
                  host.plane(r, f8 ? DType.F8_E4M3 : any(r, ROUNDED_ALONE), 1, indexDim, 1),
                  2,
                  1);
          HostTensor factors = whole(r, host.plane(r, DType.F32, 1, 1, 1), 2, 0.5f);
          DType type = any(r, CACHED);
          int dim = size(r, type);
          HostTensor latents = host.plane(r, type, 1, dim, 2);
          HostTensor q = HostTensor.random(r, rows, 2, dim, 2);
          HostTensor out = HostTensor.empty(r, rows, 2, dim);
          Tolerance tolerance = softmax(host, dim, 0.25);
          trial.check(
              r,
              rows,
              out,
              tolerance,
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
                ops.attend(result, place.put(q), k, k, host.batch, 0.25f, selection);
                if (limit >= host.longestContext()) {
                  Tensor dense = place.put(out);
                  ops.attend(dense, place.put(q), k, k, host.batch, 0.25f, 0);
                  if (!(place.backend instanceof ScalarBackend)) {
                    OpsTrial.same(
                        "all selected",
                        out.all(place.backend, dense),
                        out.all(place.backend, result));
                  }
                }
                return result;
              });
        });
  }

  /** Small multiples of {@code unit}: sums are exact in F32 in any order, and ties are many. */
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

  @Test
  final void attendExpanded() {
    OpsTrial.repeat(
        cases(),
        r -> {
          HostBatch host = HostBatch.random(r, 50, 100);
          int heads = 1 + r.nextInt(3);
          DType type = any(r, CACHED);
          boolean ownRope = type.quantised() || r.nextBoolean();
          int rank = type.quantised() ? 32 * (1 + r.nextInt(3)) : size(r) / 2 + 1;
          int nope = 1 + r.nextInt(20);
          int rope = 2 * (1 + r.nextInt(8));
          int valueDim = 1 + r.nextInt(20);
          HostTensor latents = host.plane(r, type, 1, ownRope ? rank : rank + rope, 1);
          HostTensor ropes = host.plane(r, any(r, ROUNDED_ALONE), 1, rope, 1);
          HostTensor q = HostTensor.random(r, host.batch.tokens(), heads, nope + rope, 1);
          HostTensor out = HostTensor.empty(r, q.rows, heads, valueDim);
          HostWeight both =
              weight(r, any(r, STORED), heads * (nope + valueDim), rank, v -> v.split(heads));
          HostWeight columns =
              weight(r, any(r, STORED), heads * rank, nope, v -> v.split(heads).transpose());
          boolean apart = r.nextBoolean();
          double largest = rank * Math.max(both.largest(), columns.largest()) * 1.01;
          double expanded = Tolerance.dot(rank, largest).absolute();
          double scoreError =
              0.1
                  * (nope * expanded
                      + Tolerance.dot(nope + rope, nope * largest + rope).absolute());
          Tolerance tolerance =
              Tolerance.softmax(host.longestContext(), scoreError, largest, expanded);
          trial.check(
              r,
              q.rows,
              out,
              tolerance,
              place -> {
                Tensor result = place.put(out);
                Weight w = both.on(place.backend);
                Tensor cached = place.cache(latents);
                place
                    .backend
                    .ops()
                    .attendExpanded(
                        result,
                        place.put(q),
                        ownRope ? cached.then(place.cache(ropes)) : cached,
                        apart ? columns.on(place.backend) : w.rows(0, nope),
                        w.rows(nope, valueDim),
                        host.batch,
                        0.1f);
                return result;
              });
        });
  }

  @Test
  final void routeAndExperts() {
    OpsTrial.repeat(
        cases(),
        r -> {
          int groups = 1 << r.nextInt(3);
          int experts = groups * (2 + r.nextInt(6));
          int kept = 1 + r.nextInt(groups);
          int topK = 1 + r.nextInt(Math.min(6, experts / groups * kept));
          RouterConfig.Scoring[] scorings = RouterConfig.Scoring.values();
          RouterConfig.GroupScore[] scores = RouterConfig.GroupScore.values();
          RouterConfig rule =
              new RouterConfig(
                  experts,
                  topK,
                  scorings[r.nextInt(scorings.length)],
                  groups,
                  kept,
                  scores[r.nextInt(scores.length)],
                  r.nextBoolean(),
                  1.5f);
          int rows = rows(r);
          int hidden = size(r) / 2 + 1;
          int width = size(r) / 2 + 1;
          HostTensor x = HostTensor.random(r, rows, 1, hidden, 1);
          HostTensor logits = whole(r, HostTensor.random(r, rows, 1, experts, 1), 12, 0.25f);
          HostTensor out = HostTensor.empty(r, rows, 1, hidden);
          HostWeight bias = HostWeight.vector(r, experts);
          boolean biased = r.nextBoolean();
          DType type = any(r, STORED);
          HostWeight gate = weight(r, type, experts * width, hidden, v -> v.split(experts));
          HostWeight up = weight(r, type, experts * width, hidden, v -> v.split(experts));
          HostWeight down = weight(r, type, experts * hidden, width, v -> v.split(experts));
          trial.check(
              r,
              rows,
              out,
              moe(hidden, width, gate, up, down, rule),
              place -> {
                Routing routing = place.backend.routing(place.extent, experts, topK);
                place
                    .backend
                    .ops()
                    .route(
                        routing, place.put(logits), biased ? bias.on(place.backend) : null, rule);
                Tensor result = place.put(out);
                ExpertWeights weights =
                    new ExpertWeights(
                        heads(gate.on(place.backend)),
                        heads(up.on(place.backend)),
                        heads(down.on(place.backend)));
                place.backend.ops().experts(result, place.put(x), weights, routing);
                return result;
              });
        });
  }

  private static List<Weight> heads(Weight stack) {
    List<Weight> heads = new ArrayList<>();
    for (int h = 0; h < stack.heads(); h++) {
      heads.add(stack.head(h));
    }
    return heads;
  }

  /**
   * Inner activations grow by SwiGLU's slope (at most 1.1) times the other factor; the rest is two
   * dot products.
   */
  private static Tolerance moe(
      int hidden, int width, HostWeight gate, HostWeight up, HostWeight down, RouterConfig rule) {
    double g = hidden * gate.largest();
    double u = hidden * up.largest();
    double inner =
        1.1 * Tolerance.dot(hidden, g).absolute() * u
            + g * Tolerance.dot(hidden, u).absolute()
            + (2 * Tolerance.EXPONENTIAL + 4 * Tolerance.ROUNDOFF) * g * u;
    double one =
        width * down.largest() * inner
            + Tolerance.dot(width, width * down.largest() * g * u).absolute();
    double weights = rule.scale() * (rule.normalise() ? 1 : rule.topK());
    double routed = 8 * Tolerance.ROUNDOFF * width * down.largest() * g * u;
    return new Tolerance(weights * (one + routed), 0);
  }
}
