package dev.akvavit.core;

import java.util.List;

/**
 * What one token leaves behind in one layer's cache. Allocation, capacity planning and tests all
 * read it here.
 */
public record KvLayout(List<Plane> planes) {

  /** {@code [tokens, heads, dim]} of one kind of cached row. */
  public record Plane(String name, int heads, int dim, DType dtype) {
    public Plane {
      Require.that(
          dim % dtype.blockElements() == 0,
          "kv-type of plane "
              + name
              + ": found "
              + dtype
              + ", allowed for rows of "
              + dim
              + ": a type without blocks of "
              + dtype.blockElements());
    }

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

  /**
   * Where a plane stands among the others.
   *
   * @return -1 when there is none of this name
   */
  public int indexOf(String plane) {
    for (int i = 0; i < planes.size(); i++) {
      if (planes.get(i).name().equals(plane)) {
        return i;
      }
    }
    return -1;
  }

  public long bytesPerToken() {
    return planes.stream().mapToLong(Plane::bytesPerToken).sum();
  }
}
