package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.format.Checkpoint;
import dev.akvavit.format.PlacedWeights;
import dev.akvavit.format.StoredTensor;
import java.util.EnumSet;
import java.util.Set;

/** A model's weights on a backend, repacked where {@link ModelOptions#repack} asks for it. */
final class Repacking {
  private Repacking() {}

  /**
   * @throws IllegalArgumentException when a copy of none of the model's types is faster here
   * @throws CapacityException when memory cannot hold the copies
   */
  static PlacedWeights weights(Checkpoint checkpoint, Backend backend, ModelOptions options) {
    if (options.repack()) {
      require(checkpoint, backend);
    }
    return new PlacedWeights(checkpoint, backend);
  }

  private static void require(Checkpoint checkpoint, Backend backend) {
    Set<DType> types = EnumSet.noneOf(DType.class);
    long bytes = 0;
    for (String name : checkpoint.names()) {
      StoredTensor tensor = checkpoint.tensor(name);
      types.add(tensor.dtype());
      bytes += backend.repacks(tensor.dtype()) ? tensor.bytes().byteSize() : 0;
    }
    if (bytes == 0) {
      throw new IllegalArgumentException(
          "repack: found true, allowed here: false; the model's types are "
              + types
              + ", and a copy is faster only of block-quantised ones, where machine code multiplies"
              + " them by 8-bit inputs (AVX-512 with VNNI); akvavit doctor tells what runs here");
    }
    if (bytes > Memory.availableBytes()) {
      throw new CapacityException(
          "repacked weights need "
              + Memory.show(bytes)
              + ", "
              + Memory.show(Memory.availableBytes())
              + " are available; without repacking the file is read where it is mapped");
    }
  }
}
