package dev.akvavit.cpu.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routines of {@link BlockCall}, each made when it is first called. */
enum BlockRoutine {
  PACK(MoveRoutine::queries),
  GATHER(() -> MoveRoutine.rows(false)),
  GATHER_F8(() -> MoveRoutine.rows(true)),
  SCORES_BY_PAIRS(ScoreRoutine::ofPairs),
  SCORES_BY_TILES(ScoreRoutine::ofTiles),
  SOFTMAX(SoftmaxRoutine::code),
  VALUES_BY_PAIRS(ValueRoutine::ofPairs),
  VALUES_BY_TILES(ValueRoutine::ofTiles),
  PREFETCH(MoveRoutine::prefetch),
  SUMS(MoveRoutine::sums),
  INDEX_SUMS(MoveRoutine::indexSums);

  private final Supplier<byte[]> emit;
  private volatile @Nullable MemorySegment code;

  BlockRoutine(Supplier<byte[]> emit) {
    this.emit = emit;
  }

  /** Two threads may both make a routine the first time; either will do. */
  MemorySegment code() {
    MemorySegment found = code;
    if (found == null) {
      found = ExecutableMemory.of(emit.get(), Arena.global());
      code = found;
    }
    return found;
  }
}
