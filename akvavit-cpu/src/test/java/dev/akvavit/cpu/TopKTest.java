package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TopKTest {

  @Test
  void agreesWithSortingAlsoWhereManyAreEqual() {
    TopK topK = new TopK();
    for (long seed = 0; seed < 2000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int n = 1 + random.nextInt(300);
      int k = 1 + random.nextInt(n);
      int distinct = 1 + random.nextInt(40);
      float[] v = new float[n + 3];
      for (int i = 0; i < v.length; i++) {
        v[i] =
            seed % 2 == 0
                ? (float) random.nextGaussian()
                : (random.nextInt(distinct) - distinct / 2) * -0.5f;
      }
      int[] out = new int[k + 2];
      topK.choose(v, 3, n, k, out, 2);
      int[] expected =
          IntStream.range(0, n)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(i -> 0.0 - v[3 + i]).thenComparing(i -> i))
              .limit(k)
              .mapToInt(i -> i)
              .sorted()
              .toArray();
      assertThat(java.util.Arrays.copyOfRange(out, 2, k + 2))
          .as("seed %d", seed)
          .containsExactly(expected);
    }
  }
}
