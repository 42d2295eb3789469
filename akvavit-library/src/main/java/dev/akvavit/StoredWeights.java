package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Weight;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.format.StoredTensor;
import dev.akvavit.model.ParameterCount;
import dev.akvavit.model.arch.Architecture;
import dev.akvavit.model.arch.Architectures;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of an open model as its files hold them: how many bytes, of which types, which of
 * them compute, and how many a token reads.
 */
public final class StoredWeights {
  private final Checkpoint checkpoint;
  private final PlacedWeights placed;
  private final ModelConfig config;
  private final Backend backend;

  StoredWeights(Checkpoint checkpoint, PlacedWeights placed, ModelConfig config, Backend backend) {
    this.checkpoint = checkpoint;
    this.placed = placed;
    this.config = config;
    this.backend = backend;
  }

  /** Bytes of all tensors, mapped from the files. */
  public long bytes() {
    return checkpoint.bytes();
  }

  /** Tensors that the model does not use, such as layers for multi-token prediction. */
  public Set<String> unused() {
    return placed.unused();
  }

  private List<StoredTensor> used() {
    Set<String> unused = unused();
    return checkpoint.names().stream()
        .filter(name -> !unused.contains(name))
        .map(checkpoint::tensor)
        .toList();
  }

  /** Bytes of the tensors in use, by their type in the files. */
  public Map<DType, Long> bytesByType() {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    used().forEach(t -> bytes.merge(t.dtype(), t.bytes().byteSize(), Long::sum));
    return bytes;
  }

  /**
   * Bytes of the tensors in use whose types this machine reads value by value, by type: right, and
   * several times slower than others.
   */
  public Map<DType, Long> slowBytesByType() {
    Map<DType, Long> slow = bytesByType();
    slow.keySet().removeIf(type -> !backend.isSlow(type));
    return slow;
  }

  /**
   * Bytes that one generated token reads: each tensor in use once, but of routed experts its share,
   * and of a table that is only looked up one row.
   */
  public double bytesAToken() {
    Architecture family = Architectures.of(checkpoint.config());
    ParameterCount p = ParameterCount.of(config, family);
    double chosen = (double) p.activeRouted() / Math.max(1, p.routed());
    double bytes = 0;
    for (StoredTensor tensor : used()) {
      double share = tensor.name().contains(".experts.") ? chosen : 1;
      bytes += share * tensor.bytes().byteSize();
    }
    Weight table = family.embedding(config, placed);
    long rows = config.tiedEmbeddings() ? 0 : table.out() - 1;
    return bytes - table.dtype().bytes(rows * table.in());
  }

  /**
   * A probe of what memory gives this model's workers at most, over the tensors in use that are
   * read as they are mapped; nothing may be computed while it reads. To be closed before the model.
   */
  public Backend.ReadProbe reads() {
    return backend.reads(
        used().stream()
            .filter(tensor -> !backend.repacks(tensor.dtype()))
            .map(StoredTensor::bytes)
            .toList());
  }
}
