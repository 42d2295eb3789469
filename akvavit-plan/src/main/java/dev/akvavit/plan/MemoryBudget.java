package dev.akvavit.plan;

import java.util.List;

/**
 * What a scenario needs, part by part.
 *
 * @param bytes of all parts
 */
public record MemoryBudget(List<Part> parts, long bytes) {

  /**
   * One line of the budget.
   *
   * @param kind what it belongs to
   * @param formula in figures
   * @param rule the formula itself
   */
  public record Part(
      Kind kind, String name, long bytes, Certainty certainty, String formula, Formula rule) {}

  /** What memory is spent on. */
  public enum Kind {
    WEIGHTS,
    CACHE,
    /** What a step works in. */
    STEPS,
    RUNTIME
  }

  static MemoryBudget of(List<Part> parts) {
    return new MemoryBudget(
        List.copyOf(parts), parts.stream().mapToLong(Part::bytes).reduce(0, Saturated::plus));
  }

  /** Bytes of one kind. */
  public long bytes(Kind kind) {
    return parts.stream()
        .filter(p -> p.kind() == kind)
        .mapToLong(Part::bytes)
        .reduce(0, Saturated::plus);
  }
}
