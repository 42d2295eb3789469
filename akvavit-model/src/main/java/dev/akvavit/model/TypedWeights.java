package dev.akvavit.model;

import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import java.util.EnumSet;
import java.util.Set;

/** Weights that remember of which types the matrices were that they gave. */
final class TypedWeights implements Weights {
  private final Weights weights;
  private final Set<DType> types = EnumSet.noneOf(DType.class);

  TypedWeights(Weights weights) {
    this.weights = weights;
  }

  Set<DType> types() {
    return types;
  }

  @Override
  public boolean has(String name) {
    return weights.has(name);
  }

  @Override
  public Weight matrix(String name, int out, int in) {
    return seen(weights.matrix(name, out, in));
  }

  @Override
  public Weight table(String name, int rows, int columns) {
    return seen(weights.table(name, rows, columns));
  }

  @Override
  public Weight stack(String name, int heads, int out, int in) {
    return seen(weights.stack(name, heads, out, in));
  }

  @Override
  public Weight vector(String name, int n) {
    return weights.vector(name, n);
  }

  private Weight seen(Weight w) {
    types.add(w.dtype());
    return w;
  }
}
