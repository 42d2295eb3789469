package dev.akvavit.cpu;

import dev.akvavit.core.Extent;
import dev.akvavit.core.Routing;
import java.util.Arrays;

/** Chosen experts, ascending, and their weights; rows follow the extent. */
final class CpuRouting implements Routing {
  final Extent tokens;
  final int topK;
  final int[] experts; // [capacity, topK]
  final float[] weights; // [capacity, topK]

  CpuRouting(Extent tokens, int topK) {
    this.tokens = tokens;
    this.topK = topK;
    experts = new int[Math.multiplyExact(tokens.capacity(), topK)];
    weights = new float[experts.length];
  }

  @Override
  public int[] experts(int token) {
    return Arrays.copyOfRange(experts, token * topK, (token + 1) * topK);
  }

  @Override
  public float[] weights(int token) {
    return Arrays.copyOfRange(weights, token * topK, (token + 1) * topK);
  }

  @Override
  public void addLoad(long[] load) {
    int end = (tokens.first() + tokens.rows()) * topK;
    for (int i = tokens.first() * topK; i < end; i++) {
      load[experts[i]]++;
    }
  }
}
