package dev.akvavit.report;

import java.util.List;

/**
 * A page that needs nothing but itself: no script, no request, light and dark, wide and narrow.
 *
 * @param lead what it says in one or two sentences
 * @param footer how it came about
 */
public record Page(String title, Phrase lead, List<Part> parts, Phrase footer) {
  public Page {
    parts = List.copyOf(parts);
  }

  /** The page as HTML. */
  public String html() {
    return new PageWriter(this).html();
  }
}
