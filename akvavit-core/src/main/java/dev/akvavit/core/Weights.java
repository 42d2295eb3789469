package dev.akvavit.core;

/**
 * A checkpoint's tensors by canonical (Hugging Face) name, placed where a backend computes. Every
 * getter checks the shape and throws {@link MalformedFileException} naming the tensor, the shape
 * found and the shape required.
 */
public interface Weights {
  boolean has(String name);

  /** A stored {@code [out, in]} matrix, mapped, not copied. */
  Weight matrix(String name, int out, int in);

  /** A stored {@code [heads, out, in]} stack, mapped, not copied. */
  Weight stack(String name, int heads, int out, int in);

  /** A stored {@code [n]} vector, as F32. */
  Weight vector(String name, int n);
}
