package dev.akvavit.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CorruptorTest {
  private static final byte[] VALID =
      "{\"name\": \"x\", \"shape\": [4, 8], \"more\": {\"a\": \"b\"}}"
          .getBytes(StandardCharsets.UTF_8);

  @Test
  void theSameSeedDoesTheSameDamage() {
    for (long seed = 0; seed < 1_000; seed++) {
      byte[] once = new Corruptor(seed).corrupt(VALID);
      assertThat(new Corruptor(seed).corrupt(VALID)).as("seed %d", seed).isEqualTo(once);
    }
  }

  @Test
  void seedsDifferAndTheOriginalStays() {
    byte[] original = VALID.clone();
    Set<ByteBuffer> seen = new HashSet<>();
    for (long seed = 0; seed < 10_000; seed++) {
      seen.add(ByteBuffer.wrap(new Corruptor(seed).corrupt(VALID)));
    }
    assertThat(VALID).isEqualTo(original);
    assertThat(seen).hasSizeGreaterThan(8_000);
  }

  @Test
  void everyDamageIsWhatItSays() {
    AtomicLong count = new AtomicLong();
    Set<ByteBuffer> seen = new HashSet<>();
    Corruptor.everyDamage(
        VALID,
        20,
        bytes -> {
          count.incrementAndGet();
          seen.add(ByteBuffer.wrap(bytes));
          if (bytes.length == VALID.length) {
            assertThat(Arrays.mismatch(bytes, VALID)).isLessThan(20);
          }
        });
    assertThat(count).hasValue(Corruptor.everyDamageCount(VALID, 20));
    assertThat(Corruptor.hostile(VALID.length)).hasSize(24).doesNotHaveDuplicates();
    for (int bit = 0; bit < 160; bit++) {
      byte[] flipped = VALID.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(seen).contains(ByteBuffer.wrap(flipped));
    }
  }

  @Test
  void nothingIsTooSmallToBeDamaged() {
    for (int length = 0; length < 32; length++) {
      for (long seed = 0; seed < 500; seed++) {
        assertThat(new Corruptor(seed).corrupt(new byte[length])).isNotNull();
      }
    }
  }
}
