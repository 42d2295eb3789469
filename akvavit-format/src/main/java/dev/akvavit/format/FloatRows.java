package dev.akvavit.format;

import dev.akvavit.core.BlockScale;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.NumberFormats;
import dev.akvavit.core.QuantBlocks;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A matrix given row by row as floats: how tensors of any type, order and format reach a file of
 * another. Readers may keep a row or a head between calls; one thread at a time.
 */
interface FloatRows {
  /** Writes row {@code row} to the beginning of {@code out}. */
  void read(long row, float[] out);

  /** Rows of a stored matrix, or of its transpose; block factors of FP8 are applied. */
  static FloatRows of(Checkpoint checkpoint, String name, boolean transpose) {
    StoredTensor tensor = checkpoint.tensor(name);
    long[] shape = tensor.shape();
    int columns = Math.toIntExact(shape[shape.length - 1]);
    long rows = tensor.elements() / columns;
    if (tensor.transposed() != transpose) { // across the order of the bytes
      int step = Math.toIntExact(tensor.transposed() ? rows : columns);
      int count = Math.toIntExact(tensor.transposed() ? columns : rows);
      return (row, out) -> {
        for (int i = 0; i < count; i++) {
          out[i] = NumberFormats.read(tensor.bytes(), tensor.dtype(), (long) i * step + row);
        }
      };
    }
    int width = transpose ? Math.toIntExact(rows) : columns;
    Factors factors = Factors.of(checkpoint, tensor, rows, columns);
    return (row, out) -> {
      decode(tensor, row, width, out);
      if (factors != null) {
        factors.apply(row, width, out);
      }
    };
  }

  /** Rows whose reader, with the factors it holds, is made when the first is read. */
  static FloatRows lazily(Supplier<FloatRows> made) {
    @Nullable FloatRows[] held = {null};
    return (row, out) -> {
      FloatRows rows = held[0];
      if (rows == null) {
        rows = made.get();
        held[0] = rows;
      }
      rows.read(row, out);
    };
  }

  private static void decode(StoredTensor tensor, long row, int columns, float[] out) {
    DType type = tensor.dtype();
    MemorySegment bytes = tensor.bytes();
    if (type.quantised()) {
      long at = type.bytes(row * columns);
      for (int i = 0; i < columns; i += type.blockElements(), at += type.blockBytes()) {
        QuantBlocks.decode(type, bytes, at, out, i);
      }
      return;
    }
    for (int i = 0; i < columns; i++) {
      out[i] = NumberFormats.read(bytes, type, row * columns + i);
    }
  }

  /** Rows in another order. */
  default FloatRows reordered(LongUnaryOperator from) {
    return (row, out) -> read(from.applyAsLong(row), out);
  }

  /** Matrices of {@code each} rows, one below the other. */
  static FloatRows stacked(FloatRows[] parts, long each) {
    return (row, out) -> parts[(int) (row / each)].read(row % each, out);
  }

  /**
   * Some rows of every head, each head's transposed: {@code [heads, columns, count]}. One head at a
   * time is in memory.
   *
   * @param perHead rows of a head, of which the first {@code count} are meant
   */
  default FloatRows headsTransposed(int perHead, int count, int columns) {
    float[] head = new float[count * columns];
    float[] line = new float[columns];
    long[] held = {-1};
    return (row, out) -> {
      long h = row / columns;
      if (held[0] != h) {
        for (int i = 0; i < count; i++) {
          read(h * perHead + i, line);
          System.arraycopy(line, 0, head, i * columns, columns);
        }
        held[0] = h;
      }
      int c = (int) (row % columns);
      for (int i = 0; i < count; i++) {
        out[i] = head[i * columns + c];
      }
    };
  }

  /** Factors of an FP8 matrix, F32. */
  record Factors(BlockScale grid, float[] values) {
    static @Nullable Factors of(
        Checkpoint checkpoint, StoredTensor tensor, long rows, int columns) {
      if (tensor.dtype() != DType.F8_E4M3) {
        return null;
      }
      Fp8Blocks blocks = Fp8Blocks.of(checkpoint);
      StoredTensor stored = checkpoint.tensor(blocks.nameOf(checkpoint, tensor));
      float[] values = new float[Math.toIntExact(stored.elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = NumberFormats.read(stored.bytes(), stored.dtype(), i);
      }
      return new Factors(blocks.scale(stored, rows, columns, NO_BUFFER), values);
    }

    void apply(long row, int columns, float[] out) {
      for (int i = 0; i < columns; i++) {
        out[i] *= values[(int) grid.at(row, i)];
      }
    }

    private static final Buffer NO_BUFFER =
        new Buffer() {
          @Override
          public long byteSize() {
            return 0;
          }

          @Override
          public void close() {}
        };
  }
}
