package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.Bf16;
import dev.akvavit.cpu.machine.PanelCall;
import dev.akvavit.cpu.machine.PanelForm;
import dev.akvavit.testkit.QuantDraft;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Quantised rows decoded to BF16 times BF16 vectors on tiles, against a loop that rounds and adds
 * one number after another: every bit agrees, for any rows, columns and vectors.
 */
final class DecodedRowsTest {
  private static final int CASES = Integer.getInteger("akvavit.tileCases", 2000);
  private static final RoundingRule RULE =
      new RoundingRule(ActivationPrecision.AUTO, true, true, Rounding.TILES, Rounding.DECODED);

  @BeforeEach
  void needsTiles() {
    assumeTrue(DecodedRows.isFast(MachineRows.isReady()), "no AMX");
  }

  static Stream<DType> decoded() {
    return Arrays.stream(PanelRowsTest.quantised()).filter(PanelCall::decodes);
  }

  /** The weights of a stored row, rounded. */
  private static short[] weights(Weight w, int stored) {
    DType type = w.dtype();
    PanelForm form = PanelCodes.form(type);
    int blocks = type.blockElements() / PanelForm.COLUMNS;
    MemorySegment panel = Arena.ofAuto().allocate((long) blocks * form.bytes(), 64);
    short[] values = new short[w.in()];
    for (int k = 0; k < w.in(); k++) {
      int i = k % type.blockElements();
      if (i == 0) {
        long at = Rows.offset(w, stored, k);
        PanelCodes.decode(type, CpuBuffer.of(w.data()), at, panel, 0, 0);
      }
      long block = (long) (i / PanelForm.COLUMNS) * form.bytes();
      int column = i % PanelForm.COLUMNS;
      long line = column * form.parts() / PanelForm.COLUMNS * 64L;
      float factor = panel.get(JAVA_FLOAT, block + PanelForm.FACTORS + line);
      int code = panel.get(JAVA_BYTE, block + column / 4 * 64L + column % 4) & 0xFF;
      float value =
          form.hasMinima()
              ? Math.fma(factor, code, -panel.get(JAVA_FLOAT, block + form.minima() + line))
              : factor * (code - ByteInputs.OFFSET);
      values[k] = Bf16.round(value);
    }
    return values;
  }

  private static short[] rounded(FloatInputs x, int row, int head, int columns) {
    short[] values = new short[columns];
    for (int k = 0; k < columns; k++) {
      values[k] = Bf16.round(x.values[x.at(row, head) + k]);
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("decoded")
  void everyBitIsTheLoops(DType type) {
    Scratch s = Scratch.of(1, true, RULE)[0];
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      boolean odd = r.nextInt(10) == 0;
      int heads = r.nextInt(4) == 0 ? 2 : 1;
      int out = 1 + r.nextInt(r.nextInt(4) == 0 ? 100 : 40);
      int most = r.nextInt(4) == 0 ? 1536 : 256;
      int in = type.blockElements() * (1 + r.nextInt(most / type.blockElements()));
      byte[] bytes = QuantDraft.random(r, type, heads * out * in);
      MemorySegment data = Arena.ofAuto().allocate(bytes.length, 1);
      data.copyFrom(MemorySegment.ofArray(bytes));
      Weight w = Weight.dense("w", type, heads * out, in, new CpuBuffer(data), null).split(heads);
      int head = r.nextInt(heads);
      int vectors = 1 + r.nextInt(r.nextInt(4) == 0 ? 80 : 20);
      FloatInputs exact = new FloatInputs();
      exact.begin(vectors, heads, in);
      for (int i = 0; i < exact.at(vectors, 0); i++) {
        exact.values[i] = odd ? Bf16.value(Bf16.random(r, true)) : (float) r.nextGaussian();
      }
      RowInputs x = new RowInputs(r.nextBoolean() ? DecodedRows.MANY : DecodedRows.FEW);
      x.begin(vectors, heads, in);
      x.round(exact, 0, vectors, s);
      int[] order = Matmul.ascending(new int[0], vectors);
      int first = r.nextInt(vectors);
      int n = 1 + r.nextInt(vectors - first);
      int from = r.nextInt(out);
      int to = from + 1 + r.nextInt(out - from);
      int stride = to - from + r.nextInt(5);
      float untouched = Float.intBitsToFloat(0x7FC1_2345);
      float[] y = new float[n * stride + 3];
      Arrays.fill(y, untouched);
      DecodedRows.multiply(w, head, from, to, x, order, first, n, s, y, stride);
      for (int row = from; row < to; row++) {
        short[] values = weights(w, head * out + row);
        for (int i = 0; i < n; i++) {
          short[] vector = rounded(exact, order[first + i], head, in);
          float wanted = Bf16.tileSum(values, 0, vector, 0, in);
          assertThat(Float.floatToIntBits(y[i * stride + row - from]))
              .as(
                  "%s, seed %d: row %d of %d..%d, vector %d of %d, %d columns, found %s for %s",
                  type, seed, row, from, to, i, n, in, y[i * stride + row - from], wanted)
              .isEqualTo(Float.floatToIntBits(wanted));
        }
      }
      int written = 0;
      for (float v : y) {
        written += Float.floatToRawIntBits(v) == Float.floatToRawIntBits(untouched) ? 0 : 1;
      }
      assertThat(written).as("results written, seed %d", seed).isEqualTo(n * (to - from));
    }
  }
}
