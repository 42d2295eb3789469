package dev.akvavit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class NumberFormatsTest {
  @Test
  void everyE4m3CodeHasTheValueOfTheSpecification() {
    for (int code = 0; code < 256; code++) {
      float value = NumberFormats.e4m3ToFloat((byte) code);
      int exponent = code >> 3 & 15;
      int mantissa = code & 7;
      if (exponent == 15 && mantissa == 7) {
        assertThat(value).as("code %#x", code).isNaN();
        continue;
      }
      double size =
          exponent == 0
              ? Math.pow(2, -6) * mantissa / 8
              : Math.pow(2, exponent - 7) * (1 + mantissa / 8.0);
      assertThat((double) value).as("code %#x", code).isEqualTo(code < 128 ? size : -size);
    }
    assertThat(NumberFormats.e4m3ToFloat((byte) 0x7E)).isEqualTo(NumberFormats.E4M3_MAX);
    assertThat(NumberFormats.e4m3ToFloat((byte) 1)).isEqualTo(0x1p-9f);
  }

  @Test
  void everyE4m3CodeSurvivesTheRoundTrip() {
    for (int code = 0; code < 256; code++) {
      byte back = NumberFormats.floatToE4m3(NumberFormats.e4m3Table()[code]);
      int expected = (code & 0x7F) == 0x7F ? 0x7F : code; // Java's NaN has no reliable sign
      assertThat(back & ((code & 0x7F) == 0x7F ? 0x7F : 0xFF))
          .as("code %#x", code)
          .isEqualTo(expected);
    }
  }

  @Test
  void e4m3RoundsToNearestEvenBetweenEveryTwoNeighbours() {
    for (int code = 0; code < 0x7E; code++) {
      float low = NumberFormats.e4m3ToFloat((byte) code);
      float high = NumberFormats.e4m3ToFloat((byte) (code + 1));
      float middle = (low + high) / 2; // exact: one more bit than the codes have
      assertThat(NumberFormats.floatToE4m3(Math.nextDown(middle))).isEqualTo((byte) code);
      assertThat(NumberFormats.floatToE4m3(Math.nextUp(middle))).isEqualTo((byte) (code + 1));
      int even = code % 2 == 0 ? code : code + 1;
      assertThat(NumberFormats.floatToE4m3(middle)).as("above %#x", code).isEqualTo((byte) even);
      assertThat(NumberFormats.floatToE4m3(-middle)).isEqualTo((byte) (even | 0x80));
    }
  }

  @Test
  void e4m3SaturatesAndKeepsNaN() {
    assertThat(NumberFormats.floatToE4m3(449)).isEqualTo((byte) 0x7E);
    assertThat(NumberFormats.floatToE4m3(Float.POSITIVE_INFINITY)).isEqualTo((byte) 0x7E);
    assertThat(NumberFormats.floatToE4m3(Float.NEGATIVE_INFINITY)).isEqualTo((byte) 0xFE);
    assertThat(NumberFormats.floatToE4m3(Float.NaN)).isEqualTo((byte) 0x7F);
    assertThat(NumberFormats.floatToE4m3(Float.MIN_VALUE)).isEqualTo((byte) 0);
    assertThat(NumberFormats.floatToE4m3(-0f)).isEqualTo((byte) 0x80);
  }

  @Test
  void every16BitCodeSurvivesTheRoundTrip() {
    for (int i = 0; i < 65_536; i++) {
      short code = (short) i;
      float bf16 = NumberFormats.bf16ToFloat(code);
      float f16 = NumberFormats.f16ToFloat(code);
      if ((i & 0x7FFF) > 0x7F80) {
        assertThat(bf16).isNaN();
        assertThat(NumberFormats.bf16ToFloat(NumberFormats.floatToBf16(bf16))).isNaN();
      } else {
        assertThat(NumberFormats.floatToBf16(bf16)).as("bf16 %#x", i).isEqualTo(code);
      }
      if ((i & 0x7FFF) > 0x7C00) {
        assertThat(f16).isNaN();
        assertThat(NumberFormats.f16ToFloat(NumberFormats.floatToF16(f16))).isNaN();
      } else {
        assertThat(NumberFormats.floatToF16(f16)).as("f16 %#x", i).isEqualTo(code);
      }
    }
  }

  @Test
  void bf16RoundsToNearestEvenBetweenEveryTwoNeighbours() {
    for (int code = 0; code < 0x7F7F; code++) {
      BigDecimal low = new BigDecimal(NumberFormats.bf16ToFloat((short) code));
      BigDecimal high = new BigDecimal(NumberFormats.bf16ToFloat((short) (code + 1)));
      float middle = Float.intBitsToFloat(code << 16 | 0x8000);
      assertThat(new BigDecimal(middle).multiply(BigDecimal.TWO))
          .isEqualByComparingTo(low.add(high));
      short even = (short) (code + code % 2);
      assertThat(NumberFormats.floatToBf16(middle)).isEqualTo(even);
      assertThat(NumberFormats.floatToBf16(-middle)).isEqualTo((short) (even | 0x8000));
      assertThat(NumberFormats.floatToBf16(Math.nextDown(middle))).isEqualTo((short) code);
      assertThat(NumberFormats.floatToBf16(Math.nextUp(middle))).isEqualTo((short) (code + 1));
    }
    assertThat(NumberFormats.floatToBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7F80);
  }

  @Test
  void bytesNeedNoAlignment() {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.F8_E4M3}) {
      MemorySegment odd = MemorySegment.ofArray(new byte[64]).asSlice(1);
      NumberFormats.write(odd, dtype, 3, -1.75f);
      assertThat(NumberFormats.read(odd, dtype, 3)).as("%s", dtype).isEqualTo(-1.75f);
      assertThat(NumberFormats.read(odd, dtype, 2)).as("%s", dtype).isZero();
      assertThat(NumberFormats.read(odd, dtype, 4)).as("%s", dtype).isZero();
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
    assertThatThrownBy(() -> NumberFormats.read(bytes, DType.I64, 0)).hasMessageContaining("I64");
    assertThatThrownBy(() -> NumberFormats.write(bytes, DType.I32, 0, 1))
        .hasMessageContaining("I32");
  }
}
