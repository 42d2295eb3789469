package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.QuantBlocks;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The oracle: every operation in plain loops, summing in double, sharing no code with any real
 * backend.
 */
public final class ScalarBackend implements Backend {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final float[] E4M3 = e4m3Table();

  record Host(MemorySegment bytes) implements Buffer {
    @Override
    public long byteSize() {
      return bytes.byteSize();
    }

    @Override
    public void close() {}
  }

  /** Positions of each token. */
  static final class Picks implements Selection {
    final int limit;
    final int[][] positions;

    Picks(int tokens, int limit) {
      this.limit = limit;
      positions = new int[tokens][];
    }

    @Override
    public int limit() {
      return limit;
    }

    @Override
    public int[] positions(int token) {
      return positions[token].clone();
    }
  }

  /** Experts and weights of each token. */
  static final class Routes implements Routing {
    final Extent tokens;
    final int[][] experts;
    final float[][] weights;

    Routes(Extent tokens) {
      this.tokens = tokens;
      experts = new int[tokens.capacity()][];
      weights = new float[tokens.capacity()][];
    }

    @Override
    public int[] experts(int token) {
      return experts[token].clone();
    }

    @Override
    public float[] weights(int token) {
      return weights[token].clone();
    }

    @Override
    public void addLoad(long[] load) {
      for (int t = tokens.first(); t < tokens.first() + tokens.rows(); t++) {
        for (int e : experts[t]) {
          load[e]++;
        }
      }
    }
  }

  private final Ops ops = new ScalarOps();

  @Override
  public String description() {
    return "scalar oracle";
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public Buffer allocate(long bytes) {
    return new Host(MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]));
  }

  @Override
  public Buffer place(MemorySegment bytes) {
    return new Host(bytes);
  }

  @Override
  public Selection selection(Extent tokens, int limit) {
    return new Picks(tokens.capacity(), limit);
  }

  @Override
  public Routing routing(Extent tokens, int experts, int topK) {
    return new Routes(tokens);
  }

  @Override
  public void read(Tensor tensor, int row, float[] out) {
    for (int h = 0; h < tensor.heads(); h++) {
      for (int d = 0; d < tensor.dim(); d++) {
        out[h * tensor.dim() + d] = get(tensor, tensor.at(row, h) + d);
      }
    }
  }

  @Override
  public void close() {}

  /** Replaces what {@link Ops#select} chose for a token. */
  public static void choose(Selection selection, int token, int... positions) {
    ((Picks) selection).positions[token] = positions.clone();
  }

  /** Replaces the weights that {@link Ops#route} gave a token's experts. */
  public static void weigh(Routing routing, int token, float... weights) {
    ((Routes) routing).weights[token] = weights.clone();
  }

  /** Sets every element of a tensor's buffer to NaN: what is read before it is written shows. */
  public static void poison(Tensor tensor) {
    MemorySegment bytes = ((Host) tensor.buffer()).bytes();
    if (tensor.dtype() == DType.F32) {
      for (long i = 0; i < bytes.byteSize(); i += 4) {
        bytes.set(F32, i, Float.NaN);
      }
    } else {
      bytes.fill((byte) 0x7F);
    }
  }

  /** Values as the bytes of a tensor or a stored matrix; NaN stays NaN in every type. */
  static void encode(float[] values, DType dtype, MemorySegment bytes) {
    encode(values, 0, values.length, dtype, bytes, 0);
  }

  /** {@code n} values from {@code from} on as elements {@code at ..}. */
  private static void encode(
      float[] values, int from, int n, DType dtype, MemorySegment bytes, long at) {
    for (int i = 0; i < n; i += dtype.blockElements()) {
      if (dtype == DType.Q8_0) {
        q8(values, from + i, bytes, dtype.bytes(at + i));
      } else {
        set(bytes, dtype, at + i, values[from + i]);
      }
    }
  }

  /** A block of Q8_0 as {@link Ops#store} defines it. */
  private static void q8(float[] values, int from, MemorySegment bytes, long at) {
    float[] sizes = new float[DType.Q8_0.blockElements()];
    boolean finite = true;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Math.abs(values[from + i]);
      finite &= Float.isFinite(sizes[i]);
    }
    Arrays.sort(sizes);
    short factor = Float.floatToFloat16(Math.min(sizes[sizes.length - 1] / 127, 65504));
    float d = Float.float16ToFloat(factor);
    bytes.set(U16, at, finite ? factor : 0x7E00);
    for (int i = 0; i < sizes.length; i++) {
      double code = finite && d > 0 ? Math.rint(values[from + i] / d) : 0;
      bytes.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) Math.clamp(code, -127, 127));
    }
  }

  /** Writes a head's row where the cache keeps it, its tail too. */
  static void store(Tensor cache, int slot, int head, float[] row) {
    MemorySegment bytes = ((Host) cache.buffer()).bytes();
    encode(row, 0, cache.ownDim(), cache.dtype(), bytes, cache.at(slot, head));
    if (cache.tail() != null) {
      store(cache.tail(), slot, head, Arrays.copyOfRange(row, cache.ownDim(), row.length));
    }
  }

  /** Element {@code d} of a head's cached row. */
  static float cached(Tensor cache, int slot, int head, int d) {
    return cache.tail() != null && d >= cache.ownDim()
        ? cached(cache.tail(), slot, head, d - cache.ownDim())
        : get(cache, cache.at(slot, head) + d);
  }

  /** Element {@code i} of the tensor's buffer, for tests that look or damage. */
  public static float get(Tensor t, long i) {
    return get(((Host) t.buffer()).bytes(), t.dtype(), i);
  }

  /** Replaces element {@code i} of the tensor's buffer. */
  public static void set(Tensor t, long i, float value) {
    set(((Host) t.buffer()).bytes(), t.dtype(), i, value);
  }

  private static void set(MemorySegment bytes, DType dtype, long i, float value) {
    switch (dtype) {
      case F32 -> bytes.set(F32, 4 * i, value);
      case BF16 -> bytes.set(U16, 2 * i, bf16(value));
      case F16 ->
          bytes.set(
              U16,
              2 * i,
              Float.floatToFloat16(
                  Float.isFinite(value) ? Math.clamp(value, -65504, 65504) : value));
      case F8_E4M3 -> bytes.set(ValueLayout.JAVA_BYTE, i, (byte) e4m3(value));
      default -> throw new IllegalArgumentException("no activations in " + dtype);
    }
  }

  private static float get(MemorySegment bytes, DType dtype, long i) {
    return switch (dtype) {
      case F32 -> bytes.get(F32, 4 * i);
      case BF16 -> Float.intBitsToFloat(bytes.get(U16, 2 * i) << 16);
      case F16 -> Float.float16ToFloat(bytes.get(U16, 2 * i));
      case F8_E4M3 -> E4M3[bytes.get(ValueLayout.JAVA_BYTE, i) & 0xFF];
      case I32, I64 -> throw new IllegalArgumentException("no weights in " + dtype);
      default -> QuantBlocks.value(bytes, dtype, i);
    };
  }

  /** Element {@code [head, out, in]} of a weight, through its view and block factors. */
  public static float element(Weight w, int head, int out, int in) {
    long row = w.storedRow(head * w.rowsPerHead() + (w.transposed() ? in : out));
    int column = w.transposed() ? out : in;
    float value = get(((Host) w.data()).bytes(), w.dtype(), row * w.columns() + column);
    var scale = w.scale();
    return scale == null
        ? value
        : value * get(((Host) scale.data()).bytes(), DType.F32, scale.at(row, column));
  }

  /** Round to nearest, ties to even, by comparison with the exact value. */
  static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) 0x7FC0;
    }
    int down = bits >>> 16;
    int rest = bits & 0xFFFF;
    boolean up = rest > 0x8000 || rest == 0x8000 && (down & 1) == 1;
    return (short) (up ? down + 1 : down);
  }

  /** The code whose value is nearest, ties to the even code: a search, not an algorithm. */
  static int e4m3(float value) {
    if (Float.isNaN(value)) {
      return 0x7F;
    }
    float magnitude = Math.min(Math.abs(value), 448);
    int best = 0;
    for (int code = 1; code < 0x7F; code++) {
      float distance = Math.abs(E4M3[code] - magnitude);
      float bestDistance = Math.abs(E4M3[best] - magnitude);
      if (distance < bestDistance || distance == bestDistance && (code & 1) == 0) {
        best = code;
      }
    }
    return value < 0 || 1 / value < 0 ? best | 0x80 : best;
  }

  static float e4m3(int code) {
    return E4M3[code & 0xFF];
  }

  private static float[] e4m3Table() {
    float[] table = new float[256];
    for (int code = 0; code < 256; code++) {
      int exponent = code >> 3 & 15;
      int mantissa = code & 7;
      double value =
          exponent == 0
              ? mantissa / 8.0 * Math.pow(2, -6)
              : (1 + mantissa / 8.0) * Math.pow(2, exponent - 7);
      table[code] = (code & 0x7F) == 0x7F ? Float.NaN : (float) (code < 128 ? value : -value);
    }
    return table;
  }

  @Override
  public String toString() {
    return "ScalarBackend" + Arrays.asList(DType.values());
  }
}
