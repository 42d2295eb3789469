package dev.akvavit.core;

import java.util.ArrayList;
import java.util.List;

/** The page pool's bytes: for each layer, one tensor of slots per plane of its layout. */
public final class KvCache implements AutoCloseable {
  private final List<List<Tensor>> layers = new ArrayList<>();
  private final List<KvLayout> layouts;
  private final int pages;
  private final int pageSize;
  private long bytes;

  public KvCache(Backend backend, List<KvLayout> layouts, int pages, int pageSize) {
    this.layouts = List.copyOf(layouts);
    this.pages = pages;
    this.pageSize = pageSize;
    int slots = Math.multiplyExact(pages, pageSize);
    for (KvLayout layout : layouts) {
      List<Tensor> planes = new ArrayList<>();
      for (KvLayout.Plane p : layout.planes()) {
        long size = Math.multiplyExact(p.bytesPerToken(), (long) slots);
        Buffer buffer = backend.allocate(size);
        bytes = Math.addExact(bytes, size);
        planes.add(
            new Tensor(
                buffer,
                p.dtype(),
                new Extent(slots),
                0,
                p.heads() * p.dim(),
                p.heads(),
                p.dim(),
                p.dim()));
      }
      layers.add(List.copyOf(planes));
    }
  }

  /** {@code [slots, heads, dim]}. */
  public Tensor plane(int layer, int plane) {
    return layers.get(layer).get(plane);
  }

  /** Which planes a layer has. */
  public KvLayout layout(int layer) {
    return layouts.get(layer);
  }

  public int pages() {
    return pages;
  }

  /** Tokens a page. */
  public int pageSize() {
    return pageSize;
  }

  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    layers.forEach(l -> l.forEach(t -> t.buffer().close()));
  }
}
