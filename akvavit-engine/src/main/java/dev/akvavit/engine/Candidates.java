package dev.akvavit.engine;

/**
 * The best token ids by score, as a heap with the worst at the root: keeping the best {@code k} of
 * a vocabulary costs one comparison for most tokens, not a sort. Equal scores rank by lower id.
 * Preallocated.
 */
final class Candidates {
  private final int[] ids; // [vocabulary]
  private float[] scores;
  private int size;

  Candidates(int vocabulary) {
    ids = new int[vocabulary];
    scores = new float[0];
  }

  /** Empties the heap, to rank by other scores: {@code [vocabulary]}. */
  void reset(float[] newScores) {
    scores = newScores;
    size = 0;
  }

  int size() {
    return size;
  }

  /** An id in no particular order, {@code 0 <= i < size}. */
  int id(int i) {
    return ids[i];
  }

  int worst() {
    return ids[0];
  }

  /** Adds an id without ranking it: for a set that is only walked through. */
  void append(int id) {
    ids[size++] = id;
  }

  /** Drops those worse than {@code last}; the rest is ranked no more. */
  void retain(int last) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (!worse(ids[i], last)) {
        ids[kept++] = ids[i];
      }
    }
    size = kept;
  }

  /** Adds an id, pushing out the worst when more than {@code limit} would stay. */
  void offer(int id, int limit) {
    if (size < limit) {
      rise(size++, id);
    } else if (worse(ids[0], id)) {
      sink(id);
    }
  }

  int removeWorst() {
    int worst = ids[0];
    int last = ids[--size];
    if (size > 0) {
      sink(last);
    }
    return worst;
  }

  private void rise(int from, int id) {
    int i = from;
    while (i > 0 && worse(id, ids[(i - 1) / 2])) {
      ids[i] = ids[(i - 1) / 2];
      i = (i - 1) / 2;
    }
    ids[i] = id;
  }

  /** Puts an id where the root was, moving worse ones up. */
  private void sink(int id) {
    int i = 0;
    while (2 * i + 1 < size) {
      int child = 2 * i + 1;
      if (child + 1 < size && worse(ids[child + 1], ids[child])) {
        child++;
      }
      if (!worse(ids[child], id)) {
        break;
      }
      ids[i] = ids[child];
      i = child;
    }
    ids[i] = id;
  }

  private boolean worse(int a, int b) {
    return scores[a] < scores[b] || scores[a] == scores[b] && a > b;
  }
}
