package dev.akvavit.claims;

/**
 * Something that is said of efficient attention, and how to find out whether it is so.
 *
 * @param id what a command line calls it
 * @param statement what is said
 * @param source who says it, or where the figure comes from
 * @param baseline what it is compared with
 * @param published the figure as published
 * @param evidence finds our own
 */
public record Claim(
    String id,
    Topic topic,
    String statement,
    String source,
    String baseline,
    Published published,
    Evidence evidence) {

  /** Looks for evidence and judges; may take seconds when something has to be measured. */
  public Checked check(Laboratory laboratory) {
    Finding finding = evidence.find(laboratory);
    return Checked.of(this, finding, Verdict.of(published, finding));
  }
}
