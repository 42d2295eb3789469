package dev.akvavit.core;

/**
 * A checkpoint's tensors by canonical (Hugging Face) name, placed where a backend computes. Every
 * getter checks the shape and throws {@link MalformedFileException} naming the tensor, the shape
 * found and the shape required.
 */
public interface Weights {
  boolean has(String name);

  /**
   * A stored {@code [out, in]} matrix, mapped, and not copied unless {@link Backend#repacks} says
   * so.
   */
  Weight matrix(String name, int out, int in);

  /** The same of which rows are only looked up. */
  default Weight table(String name, int rows, int columns) {
    return matrix(name, rows, columns);
  }

  /** A stored {@code [heads, out, in]} stack, as {@link #matrix} has it. */
  Weight stack(String name, int heads, int out, int in);

  /** A stored {@code [n]} vector, as F32. */
  Weight vector(String name, int n);
}
