package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.akvavit.core.Activation;
import dev.akvavit.core.Batch;
import dev.akvavit.core.Temperature;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.ElementCall;
import java.lang.foreign.MemorySegment;

/** Operations that take rows one by one: norms, sums, activations, embedding and stores. */
final class RowOps {
  private static final Kernels K = Lanes.KERNELS;

  /** Elements that are worth a second thread. */
  private static final int GRAIN = 16 * 1024;

  private final Workers workers;
  private final Scratch[] scratch;
  private final Workers.Task rmsNorm = this::rmsNorm;
  private final Workers.Task layerNorm = this::layerNorm;
  private final Workers.Task add = this::add;
  private final Workers.Task addBias = this::addBias;
  private final Workers.Task copy = this::copy;
  private final Workers.Task temper = this::temper;
  private final Workers.Task hadamard = this::hadamard;
  private final Workers.Task roundToF8 = this::roundToF8;
  private final Workers.Task swiglu = this::swiglu;
  private final Workers.Task gelu = this::gelu;
  private final Workers.Task geluTanh = this::geluTanh;
  private final Workers.Task embed = this::embed;
  private final Workers.Task addPositions = this::addPositions;
  private final Workers.Task store = this::store;
  private final Workers.Task storeF8 = this::storeF8;
  private final Workers.Task last = this::last;
  private Tensor out;
  private Tensor x;
  private Tensor y;
  private Weight gain;
  private Weight bias;
  private float eps;
  private Temperature temperature;
  private Batch batch;

  RowOps(Workers workers, Scratch[] scratch, Tensor none, Weight nothing, Batch empty) {
    this.workers = workers;
    this.scratch = scratch;
    out = x = y = none;
    gain = bias = nothing;
    temperature = new Temperature(0, 1);
    batch = empty;
  }

  private void run(Workers.Task task, Tensor shape) {
    workers.run(task, shape.rows(), Math.max(1, GRAIN / (shape.heads() * shape.dim())));
  }

  private int token(Tensor t, int row) {
    return t.extent().first() + row;
  }

  void rmsNorm(Tensor out, Tensor x, Weight gain, float eps) {
    this.out = out;
    this.x = x;
    this.gain = gain;
    this.eps = eps;
    run(rmsNorm, x);
  }

  private void rmsNorm(int from, int to, int worker) {
    ElementCall call = scratch[worker].elements;
    MemorySegment g = CpuBuffer.vector(gain);
    long gainAt = Rows.offset(gain, 0, 0);
    int dim = x.dim();
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        long at = CpuBuffer.at(x, row, h);
        double mean = (double) RowLoops.sumOfSquares(call, CpuBuffer.of(x), at, dim) / dim;
        float factor = (float) (1 / Math.sqrt(mean + eps));
        RowLoops.gained(
            call,
            CpuBuffer.of(out),
            CpuBuffer.at(out, row, h),
            CpuBuffer.of(x),
            at,
            g,
            gainAt,
            factor,
            dim);
      }
    }
  }

  void layerNorm(Tensor out, Tensor x, Weight gain, Weight bias, float eps) {
    this.out = out;
    this.x = x;
    this.gain = gain;
    this.bias = bias;
    this.eps = eps;
    run(layerNorm, x);
  }

  private void layerNorm(int from, int to, int worker) {
    MemorySegment g = CpuBuffer.vector(gain);
    MemorySegment b = CpuBuffer.vector(bias);
    long gainAt = Rows.offset(gain, 0, 0);
    long biasAt = Rows.offset(bias, 0, 0);
    int dim = x.dim();
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        MemorySegment v = CpuBuffer.of(x);
        long at = CpuBuffer.at(x, row, h);
        float mean = K.sum(v, at, dim) / dim;
        double variance = (double) K.sumOfSquaredDistances(v, at, mean, dim) / dim;
        float factor = (float) (1 / Math.sqrt(variance + eps));
        K.normed(
            CpuBuffer.of(out),
            CpuBuffer.at(out, row, h),
            v,
            at,
            g,
            gainAt,
            b,
            biasAt,
            mean,
            factor,
            dim);
      }
    }
  }

  void add(Tensor x, Tensor y) {
    this.x = x;
    this.y = y;
    run(add, x);
  }

  private void add(int from, int to, int worker) {
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        RowLoops.add(
            scratch[worker].elements,
            CpuBuffer.of(x),
            CpuBuffer.at(x, row, h),
            CpuBuffer.of(y),
            CpuBuffer.at(y, row, h),
            x.dim());
      }
    }
  }

  void addBias(Tensor x, Weight bias) {
    this.x = x;
    this.bias = bias;
    run(addBias, x);
  }

  private void addBias(int from, int to, int worker) {
    ElementCall call = scratch[worker].elements;
    MemorySegment b = CpuBuffer.vector(bias);
    long biasAt = Rows.offset(bias, 0, 0);
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        long at = CpuBuffer.at(x, row, h);
        RowLoops.add(call, CpuBuffer.of(x), at, b, biasAt + 4L * h * x.dim(), x.dim());
      }
    }
  }

  void copy(Tensor out, Tensor x) {
    this.out = out;
    this.x = x;
    run(copy, x);
  }

  private void copy(int from, int to, int worker) {
    for (int row = from; row < to; row++) {
      copyRow(row, row);
    }
  }

  private void copyRow(int outRow, int row) {
    for (int h = 0; h < x.heads(); h++) {
      MemorySegment.copy(
          CpuBuffer.of(x),
          CpuBuffer.at(x, row, h),
          CpuBuffer.of(out),
          CpuBuffer.at(out, outRow, h),
          4L * x.dim());
    }
  }

  void temper(Tensor x, Temperature temperature, Batch batch) {
    this.x = x;
    this.temperature = temperature;
    this.batch = batch;
    run(temper, x);
  }

  private void temper(int from, int to, int worker) {
    for (int row = from; row < to; row++) {
      float factor = temperature.at(batch.positions[token(x, row)]);
      for (int h = 0; h < x.heads(); h++) {
        K.scale(CpuBuffer.of(x), CpuBuffer.at(x, row, h), factor, x.dim());
      }
    }
  }

  void hadamard(Tensor x) {
    this.x = x;
    run(hadamard, x);
  }

  private void hadamard(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int dim = x.dim();
    float[] v = s.results = Scratch.atLeast(s.results, dim);
    float factor = (float) (1 / Math.sqrt(dim));
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        Rows.packHead(x, row, h, v, 0, dim);
        for (int half = 1; half < dim; half *= 2) {
          butterflies(v, dim, half);
        }
        K.scale(v, 0, dim, factor);
        Rows.unpackHead(x, row, h, 0, v, 0, dim);
      }
    }
  }

  private static void butterflies(float[] v, int dim, int half) {
    for (int i = 0; i < dim; i += 2 * half) {
      for (int j = i; j < i + half; j++) {
        float a = v[j];
        float b = v[j + half];
        v[j] = a + b;
        v[j + half] = a - b;
      }
    }
  }

  void roundToF8(Tensor x) {
    this.x = x;
    run(roundToF8, x);
  }

  private void roundToF8(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int dim = x.dim();
    float[] v = s.results = Scratch.atLeast(s.results, dim);
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        Rows.packHead(x, row, h, v, 0, dim);
        float factor = Narrow.f8Factor(largest(v, dim));
        for (int i = 0; i < dim; i++) {
          v[i] = Float.isNaN(v[i]) ? v[i] : Narrow.F8[Narrow.f8(v[i] / factor) & 0xFF] * factor;
        }
        Rows.unpackHead(x, row, h, 0, v, 0, dim);
      }
    }
  }

  private static float largest(float[] v, int n) {
    float max = 0;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(v[i]));
    }
    return max;
  }

  void swiglu(Tensor out, Tensor gate, Tensor up) {
    this.out = out;
    x = gate;
    y = up;
    run(swiglu, gate);
  }

  private void swiglu(int from, int to, int worker) {
    ElementCall call = scratch[worker].elements;
    MemorySegment into = CpuBuffer.of(out);
    MemorySegment gate = CpuBuffer.of(x);
    MemorySegment up = CpuBuffer.of(y);
    int n = x.dim();
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        long o = CpuBuffer.at(out, row, h);
        long g = CpuBuffer.at(x, row, h);
        RowLoops.swiglu(call, into, o, gate, g, up, CpuBuffer.at(y, row, h), n);
      }
    }
  }

  void activate(Tensor x, Activation f) {
    this.x = x;
    run(
        switch (f) {
          case GELU -> gelu;
          case GELU_TANH -> geluTanh;
        },
        x);
  }

  private void gelu(int from, int to, int worker) {
    MemorySegment bytes = CpuBuffer.of(x);
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        long at = CpuBuffer.at(x, row, h);
        for (int i = 0; i < x.dim(); i++) {
          float v = bytes.get(JAVA_FLOAT_UNALIGNED, at + 4L * i);
          bytes.set(JAVA_FLOAT_UNALIGNED, at + 4L * i, ErrorFunction.gelu(v));
        }
      }
    }
  }

  private void geluTanh(int from, int to, int worker) {
    for (int row = from; row < to; row++) {
      for (int h = 0; h < x.heads(); h++) {
        K.geluTanh(CpuBuffer.of(x), CpuBuffer.at(x, row, h), x.dim());
      }
    }
  }

  void embed(Tensor out, Weight table, Batch batch) {
    this.out = out;
    gain = table;
    this.batch = batch;
    run(embed, out);
  }

  private void embed(int from, int to, int worker) {
    for (int row = from; row < to; row++) {
      tableRow(out, row, batch.tokenIds[token(out, row)], scratch[worker]);
    }
  }

  /** Row {@code r} of the table into a row. */
  private void tableRow(Tensor to, int row, int r, Scratch s) {
    int n = gain.in();
    float[] v = s.results = Scratch.atLeast(s.results, n);
    Rows.stored(gain, r, 0, n, v, 0, n);
    Rows.unpack(to, row, 0, v, 0, n);
  }

  void addPositions(Tensor x, Weight table, Batch batch) {
    this.x = x;
    gain = table;
    this.batch = batch;
    run(addPositions, x);
  }

  private void addPositions(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int n = gain.in();
    s.results = Scratch.atLeast(s.results, n);
    s.more = Scratch.atLeast(s.more, n);
    for (int row = from; row < to; row++) {
      Rows.stored(gain, batch.positions[token(x, row)], 0, n, s.results, 0, n);
      Rows.pack(x, row, s.more, 0, n);
      for (int i = 0; i < n; i++) {
        s.more[i] += s.results[i];
      }
      Rows.unpack(x, row, 0, s.more, 0, n);
    }
  }

  void store(Tensor cache, Tensor rows, Batch batch) {
    out = cache;
    x = rows;
    this.batch = batch;
    run(store, rows);
  }

  private void store(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int dim = x.dim();
    float[] v = s.results = Scratch.atLeast(s.results, dim);
    for (int row = from; row < to; row++) {
      int slot = batch.slots[token(x, row)];
      for (int h = 0; h < x.heads(); h++) {
        Rows.packHead(x, row, h, v, 0, dim);
        Rows.cache(s.elements, out, slot, h, v, 0);
      }
    }
  }

  void storeF8(Tensor cache, Tensor scales, Tensor rows, Batch batch) {
    out = cache;
    y = scales;
    x = rows;
    this.batch = batch;
    run(storeF8, rows);
  }

  private void storeF8(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int dim = x.dim();
    float[] v = s.results = Scratch.atLeast(s.results, dim);
    for (int row = from; row < to; row++) {
      int slot = batch.slots[token(x, row)];
      for (int h = 0; h < x.heads(); h++) {
        Rows.packHead(x, row, h, v, 0, dim);
        float factor = Narrow.f8Factor(largest(v, dim));
        CpuBuffer.of(y).set(JAVA_FLOAT_UNALIGNED, CpuBuffer.cachedAt(y, slot, h), factor);
        Narrow.storeF8(CpuBuffer.of(out), CpuBuffer.cachedAt(out, slot, h), v, dim, factor);
      }
    }
  }

  void last(Tensor out, Tensor x, Batch batch) {
    this.out = out;
    this.x = x;
    this.batch = batch;
    run(last, out);
  }

  private void last(int from, int to, int worker) {
    for (int row = from; row < to; row++) {
      copyRow(row, batch.logitToken[row] - x.extent().first());
    }
  }
}
