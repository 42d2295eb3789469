package dev.akvavit.core;

import java.util.List;

/**
 * The routed experts of one layer, each a SwiGLU: {@code down(silu(gate x) * up x)}.
 *
 * @param gate per expert {@code [width, hidden]}
 * @param up per expert {@code [width, hidden]}
 * @param down per expert {@code [hidden, width]}
 */
public record ExpertWeights(List<Weight> gate, List<Weight> up, List<Weight> down) {
  public ExpertWeights {
    gate = List.copyOf(gate);
    up = List.copyOf(up);
    down = List.copyOf(down);
  }

  public int experts() {
    return gate.size();
  }

  public int width() {
    return gate.getFirst().out();
  }
}
