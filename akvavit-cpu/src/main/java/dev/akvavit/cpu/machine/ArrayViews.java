package dev.akvavit.cpu.machine;

import java.lang.foreign.MemorySegment;

/**
 * Segments over the few arrays that one thread's calls name again and again, so that a call
 * allocates nothing. The oldest gives way to a new one.
 */
final class ArrayViews {
  private static final int SIZE = 16;

  private final Object[] arrays = new Object[SIZE];
  private final MemorySegment[] views = new MemorySegment[SIZE];
  private int next;

  MemorySegment of(float[] array) {
    int i = find(array);
    return i < SIZE ? views[i] : keep(array, MemorySegment.ofArray(array));
  }

  MemorySegment of(long[] array) {
    int i = find(array);
    return i < SIZE ? views[i] : keep(array, MemorySegment.ofArray(array));
  }

  @SuppressWarnings("ReferenceEquality") // the array itself is meant, not its contents
  private int find(Object array) {
    int i = 0;
    while (i < SIZE && arrays[i] != array) {
      i++;
    }
    return i;
  }

  private MemorySegment keep(Object array, MemorySegment view) {
    arrays[next] = array;
    views[next] = view;
    next = (next + 1) % SIZE;
    return view;
  }
}
