package dev.akvavit.report;

/** How an axis spreads its values. */
public enum Scale {
  /** Equal steps; begins at zero. */
  LINEAR,
  /** Equal factors; zero and less have no place on it. */
  LOG
}
