package dev.akvavit.format;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A backend that holds bytes and remembers what was placed; it computes nothing. */
final class HostBackend implements Backend {
  record HostBuffer(MemorySegment bytes) implements Buffer {
    @Override
    public long byteSize() {
      return bytes.byteSize();
    }

    @Override
    public void close() {}
  }

  final List<MemorySegment> placed = new ArrayList<>();

  @Override
  public Buffer place(MemorySegment bytes) {
    placed.add(bytes);
    return new HostBuffer(bytes);
  }

  @Override
  public Buffer allocate(long bytes) {
    return new HostBuffer(Arena.ofAuto().allocate(bytes, 64));
  }

  @Override
  public String description() {
    return "host bytes";
  }

  @Override
  public Ops ops() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Selection selection(Extent tokens, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Routing routing(Extent tokens, int experts, int topK) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void read(Tensor tensor, int row, float[] out) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
