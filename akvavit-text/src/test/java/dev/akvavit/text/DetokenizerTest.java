package dev.akvavit.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DetokenizerTest {
  private final Tokenizer bytes = Tiny.open(Tiny.byteLevel());
  private final Tokenizer pieces = Tiny.open(Tiny.sentencePiece());

  /** In the tiny byte-level vocabulary the id of a byte is the byte. */
  private String perId(byte[] sequence) {
    Detokenizer detokenizer = bytes.detokenizer(false);
    StringBuilder text = new StringBuilder();
    for (byte b : sequence) {
      String part = detokenizer.append(b & 0xFF);
      assertThat(part.isEmpty() || !Character.isLowSurrogate(part.charAt(0))).isTrue();
      assertThat(part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)))
          .isTrue();
      text.append(part);
    }
    return text.append(detokenizer.flush()).toString();
  }

  @Test
  void waitsForWholeCodePoints() {
    Detokenizer detokenizer = bytes.detokenizer(false);
    byte[] smile = "😀".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 3; i++) {
      assertThat(detokenizer.append(smile[i] & 0xFF)).isEmpty();
    }
    assertThat(detokenizer.append(smile[3] & 0xFF)).isEqualTo("😀");
    assertThat(detokenizer.flush()).isEmpty();
  }

  @Test
  void replacesWhatCanNoLongerBecomeACodePoint() {
    Detokenizer detokenizer = bytes.detokenizer(false);
    assertThat(detokenizer.append(0xE2)).isEmpty();
    assertThat(detokenizer.append('x')).isEqualTo("\uFFFDx");
    assertThat(detokenizer.append(0xE2)).isEmpty();
    assertThat(detokenizer.append(0x82)).isEmpty();
    assertThat(detokenizer.flush()).isEqualTo("\uFFFD");
    assertThat(detokenizer.flush()).isEmpty();
    assertThat(detokenizer.append(0xFF)).isEqualTo("\uFFFD");
  }

  /** As Unicode recommends and Rust and Python do; the JDK's decoder makes one U+FFFD of it. */
  @Test
  void aSurrogateInUtf8IsThreeBrokenBytes() {
    assertThat(perId(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}))
        .isEqualTo("\uFFFD\uFFFD\uFFFD");
  }

  /**
   * The JDK's decoder replaces maximal broken parts too, but for surrogates: both must agree on any
   * other bytes.
   */
  @Test
  void agreesWithTheJdkOnAnyBytes() {
    for (int seed = 0; seed < 50_000; seed++) {
      Random random = new Random(seed);
      byte[] sequence = new byte[random.nextInt(12)];
      for (int i = 0; i < sequence.length; i++) {
        int[] likely = {0x61, 0x80, 0xBF, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0x9F, 0xA0, 0x90};
        sequence[i] =
            (byte)
                (random.nextBoolean()
                    ? likely[random.nextInt(likely.length)]
                    : random.nextInt(256));
        if (i > 0 && sequence[i - 1] == (byte) 0xED && (sequence[i] & 0xE0) == 0xA0) {
          sequence[i] = 'x';
        }
      }
      assertThat(perId(sequence))
          .as("seed %d", seed)
          .isEqualTo(new String(sequence, StandardCharsets.UTF_8));
    }
  }

  @Test
  void dropsTheSpaceThatEncodingPutInFront() {
    int[] ids = pieces.encode("hello hello", false);
    assertThat(pieces.decode(ids, false)).isEqualTo("hello hello");
    Detokenizer detokenizer = pieces.detokenizer(false);
    assertThat(detokenizer.append(ids[0])).isEqualTo("hello");
    assertThat(detokenizer.append(ids[1])).isEqualTo(" hello");
    assertThat(pieces.decode(pieces.encode("  a", false), false)).isEqualTo("  a");
  }

  @Test
  void skipsControlTokensIfAsked() {
    int[] ids = pieces.encode("<s>a</s>", true);
    assertThat(pieces.decode(ids, true)).isEqualTo("a");
    assertThat(pieces.decode(ids, false)).isEqualTo("<s><s> a</s>");
  }

  @Test
  void anIdWithoutATokenAddsNothing() {
    Detokenizer detokenizer = bytes.detokenizer(true);
    assertThat(detokenizer.append(-5) + detokenizer.append(1 << 30) + detokenizer.flush())
        .isEmpty();
  }
}
