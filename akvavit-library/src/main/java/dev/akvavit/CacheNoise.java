package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.KvLayout;
import dev.akvavit.core.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/** Random rows for a cache, normal as those of a model about are; pages have different ones. */
final class CacheNoise {
  /** Starts that windows into the noise can have, beyond the widest page. */
  private static final int STARTS = 1 << 16;

  private static final int STEP = 16; // elements between two starts

  private final Backend backend;
  private final int pageSize;
  private final SplittableRandom random;

  CacheNoise(Backend backend, int pageSize, SplittableRandom random) {
    this.backend = backend;
    this.pageSize = pageSize;
    this.random = random;
  }

  /** Overwrites these pages in all layers. */
  void fill(KvCache cache, List<KvLayout> layouts, int[] pages) {
    int widest =
        layouts.stream()
            .flatMap(l -> l.planes().stream())
            .mapToInt(p -> p.heads() * p.dim())
            .max()
            .orElse(0);
    float[] noise = new float[pageSize * widest + STARTS];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(DType.F32.bytes(noise.length), 64);
      MemorySegment.copy(MemorySegment.ofArray(noise), 0, bytes, 0, bytes.byteSize());
      Tensor all =
          new Tensor(
              backend.place(bytes), DType.F32, new Extent(pageSize), 0, widest, 1, widest, widest);
      Batch batch = new Batch(pageSize, 1, 1, pageSize);
      for (int page : pages) {
        batch.clear();
        int[] ids = new int[pageSize];
        batch.add(ids, 0, pageSize, 0, new int[] {page}, true, Batch.Logits.NONE);
        for (int layer = 0; layer < layouts.size(); layer++) {
          fill(cache, layer, layouts.get(layer), all, batch);
        }
      }
    }
  }

  private void fill(KvCache cache, int layer, KvLayout layout, Tensor noise, Batch batch) {
    for (int p = 0; p < layout.planes().size(); p++) {
      KvLayout.Plane plane = layout.planes().get(p);
      Tensor rows = window(noise, plane.heads(), plane.dim());
      if (plane.dtype() == DType.F8_E4M3) { // its factors are the plane that follows
        backend.ops().storeF8(cache.plane(layer, p), cache.plane(layer, p + 1), rows, batch);
        p++;
      } else {
        backend.ops().store(cache.plane(layer, p), rows, batch);
      }
    }
  }

  private Tensor window(Tensor noise, int heads, int dim) {
    long from = (long) STEP * random.nextInt(STARTS / STEP);
    return new Tensor(
        noise.buffer(), DType.F32, noise.extent(), from, heads * dim, heads, dim, dim);
  }
}
