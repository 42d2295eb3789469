package dev.akvavit.core;

import java.util.List;

/**
 * What one token leaves behind in one layer's cache. Allocation, capacity planning and tests all
 * read it here.
 */
public record KvLayout(List<Plane> planes) {

  /** {@code [tokens, heads, dim]} of one kind of cached row. */
  public record Plane(String name, int heads, int dim, DType dtype) {
    public long bytesPerToken() {
      return dtype.bytes((long) heads * dim);
    }
  }

  public KvLayout {
    planes = List.copyOf(planes);
  }

  public static KvLayout of(Plane... planes) {
    return new KvLayout(List.of(planes));
  }

  public long bytesPerToken() {
    return planes.stream().mapToLong(Plane::bytesPerToken).sum();
  }
}
