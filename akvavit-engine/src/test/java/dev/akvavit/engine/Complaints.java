package dev.akvavit.engine;

/**
 * Keeps the first complaint of parts that the engine calls: it would take their exception for a
 * fault to survive.
 */
final class Complaints {
  private AssertionError first;

  void require(boolean holds, String otherwise) {
    if (!holds) {
      AssertionError complaint = new AssertionError(otherwise);
      if (first == null) {
        first = complaint;
      }
      throw complaint;
    }
  }

  void rethrow() {
    if (first != null) {
      throw first;
    }
  }
}
