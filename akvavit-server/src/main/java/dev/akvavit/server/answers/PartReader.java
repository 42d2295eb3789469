package dev.akvavit.server.answers;

/** Takes the parts of answers; each choice comes in order, choices may come at the same time. */
@FunctionalInterface
public interface PartReader {
  /**
   * One more part.
   *
   * @param choice which of the answers
   */
  void read(int choice, Part part);
}
