package dev.akvavit.claims;

import java.util.List;

/**
 * What was found about a claim: a value for each condition under which it was looked for.
 *
 * @param how from what and by what formula, on what model and how often, or from where
 */
public record Finding(Kind kind, String how, List<Case> cases) {

  /** How much a finding can decide. */
  public enum Kind {
    /** Computed from configs. */
    DERIVED,
    /** Run on this engine, on this machine. */
    MEASURED,
    /**
     * Run on this engine, of something smaller than what the claim is about: it decides nothing.
     */
    ANALOGUE,
    /** Quoted. */
    CITED
  }

  /**
   * A value under a condition.
   *
   * @param condition completes "right only for …"; empty when there is none
   */
  public record Case(String condition, double value) {}

  public Finding {
    cases = List.copyOf(cases);
  }

  static Finding derived(String how, Case... cases) {
    return new Finding(Kind.DERIVED, how, List.of(cases));
  }

  static Finding derived(String how, double value) {
    return derived(how, new Case("", value));
  }

  static Finding measured(String how, Case... cases) {
    return new Finding(Kind.MEASURED, how, List.of(cases));
  }

  static Finding measured(String how, double value) {
    return measured(how, new Case("", value));
  }

  static Finding analogue(String how, Case... cases) {
    return new Finding(Kind.ANALOGUE, how, List.of(cases));
  }

  static Finding cited(String what) {
    return new Finding(Kind.CITED, what, List.of());
  }
}
