package dev.akvavit.model;

import dev.akvavit.core.Backend;
import dev.akvavit.core.KvCache;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * What a layer is built from besides its weights.
 *
 * @param selection shared by all sparse layers of a model, so that a layer without an indexer finds
 *     the last one's choice; null for models without sparse attention
 */
record Wiring(
    Backend backend, Workspace space, KvCache cache, int layer, @Nullable Selection selection) {
  Ops ops() {
    return backend.ops();
  }

  /** {@code [slots, heads, dim]} of this layer's cache. */
  Tensor plane(String name) {
    return cache.plane(layer, cache.layout(layer).indexOf(name));
  }

  boolean hasPlane(String name) {
    return cache.layout(layer).indexOf(name) >= 0;
  }
}
