package dev.akvavit.core;

/** The checks of config constructors: after them nothing is checked twice. */
final class Require {
  private Require() {}

  static void positive(String name, int value) {
    that(value > 0, name + " " + value + " must be positive");
  }

  /** Finite, too. */
  static void positive(String name, float value) {
    that(value > 0 && value < Float.POSITIVE_INFINITY, name + " " + value + " must be positive");
  }

  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
