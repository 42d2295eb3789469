package dev.akvavit.text;

import java.util.List;

/** The merges by pair of neighbours: how soon, and into which token. */
final class MergeTable {
  private final LongIntMap ranks;
  private final int[] merged;

  /** Merges that would make a control token are left out: text must never become one. */
  MergeTable(List<Merge> merges, Vocabulary vocabulary) {
    ranks = new LongIntMap(merges.size());
    merged = new int[merges.size()];
    for (int rank = 0; rank < merged.length; rank++) {
      Merge merge = merges.get(rank);
      int left = known(vocabulary, merge.left(), rank);
      int right = known(vocabulary, merge.right(), rank);
      merged[rank] = known(vocabulary, merge.left() + merge.right(), rank);
      if (!vocabulary.control(merged[rank])
          && ranks.put(pair(left, right), rank) != LongIntMap.ABSENT) {
        throw vocabulary.malformed(
            field(rank),
            "the pair \"" + merge.left() + "\", \"" + merge.right() + "\" again",
            "each pair once");
      }
    }
  }

  private static int known(Vocabulary vocabulary, String token, int rank) {
    int id = vocabulary.id(token);
    if (id < 0) {
      throw vocabulary.malformed(field(rank), "\"" + token + "\"", "tokens of model.vocab");
    }
    return id;
  }

  private static String field(int rank) {
    return "model.merges[" + rank + "]";
  }

  /** How soon two neighbours merge, or {@link LongIntMap#ABSENT}. */
  int rank(int left, int right) {
    return ranks.get(pair(left, right));
  }

  int merged(int rank) {
    return merged[rank];
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }
}
