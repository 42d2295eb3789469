package dev.akvavit.format;

import dev.akvavit.core.BlockScale;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.UnsupportedModelException;
import java.util.Arrays;
import java.util.List;

/**
 * How the factors of FP8 matrices are laid out, from {@code quantization_config}.
 *
 * @param rows rows of the file that share a factor
 * @param columns columns that share a factor
 */
record Fp8Blocks(int rows, int columns) {
  private static final String SECTION = "quantization_config";
  private static final Fp8Blocks DEEPSEEK_V3 = new Fp8Blocks(128, 128);

  /** Reads the layout; a checkpoint that does not speak of quantisation gets DeepSeek-V3's. */
  static Fp8Blocks of(Checkpoint checkpoint) {
    if (!checkpoint.hasConfig() || !checkpoint.config().has(SECTION)) {
      return DEEPSEEK_V3;
    }
    ConfigSource section = checkpoint.config().section(SECTION);
    require(section, "quant_method", "fp8");
    require(section, "fmt", "e4m3");
    String key = "weight_block_size";
    List<Integer> sizes = section.integers(key);
    if (sizes.isEmpty()) {
      return DEEPSEEK_V3;
    }
    if (sizes.size() != 2 || sizes.get(0) < 1 || sizes.get(1) < 1) {
      throw new MalformedFileException(
          section.origin(),
          SECTION + "." + key,
          section.raw(key),
          "[rows, columns], each at least 1");
    }
    return new Fp8Blocks(sizes.get(0), sizes.get(1));
  }

  private static void require(ConfigSource section, String key, String only) {
    String found = section.text(key, only);
    if (!only.equals(found)) {
      throw new UnsupportedModelException(section.origin(), SECTION + "." + key, found, only);
    }
  }

  /** Whether the factors lie as {@link Fp8Matrix} writes them. */
  boolean isDeepSeeks() {
    return equals(DEEPSEEK_V3);
  }

  /**
   * The tensor that holds a matrix's factors: DeepSeek's name, or the one for a single factor a
   * tensor.
   */
  String nameOf(Checkpoint checkpoint, StoredTensor weight) {
    String inverse = weight.name() + "_scale_inv";
    String plain = weight.name() + "_scale";
    return !checkpoint.has(inverse) && checkpoint.has(plain) ? plain : inverse;
  }

  /** The shape of the factors of a {@code [rows, columns]} matrix. */
  String grid(long matrixRows, int matrixColumns) {
    return Arrays.toString(gridOf(matrixRows, matrixColumns));
  }

  /** Factors as the kernels read them; one factor for the whole matrix is a grid of one block. */
  BlockScale scale(StoredTensor factors, long matrixRows, int matrixColumns, Buffer placed) {
    long[] grid = gridOf(matrixRows, matrixColumns);
    if (factors.is(grid)) {
      return new BlockScale(placed, rows, columns, (int) grid[1]);
    }
    if (factors.elements() == 1) {
      return new BlockScale(placed, Math.toIntExact(matrixRows), matrixColumns, 1);
    }
    throw new MalformedFileException(
        factors.file(),
        "shape of " + factors.name(),
        Arrays.toString(factors.shape()),
        Arrays.toString(grid) + ", or a single factor");
  }

  private long[] gridOf(long matrixRows, int matrixColumns) {
    return new long[] {Math.ceilDiv(matrixRows, rows), Math.ceilDiv(matrixColumns, columns)};
  }
}
