package dev.akvavit.report;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Words within a line, some of them marked or linked: {@code Phrase.of("needs ").strong("4 GiB")}.
 */
public record Phrase(List<Span> spans) {
  public static final Phrase NONE = new Phrase(List.of());

  /** A fragment of the same page, or a page elsewhere; nothing that a browser would run. */
  private static final Pattern TARGET = Pattern.compile("|#[A-Za-z0-9._-]+|https://\\S+");

  public Phrase {
    spans = List.copyOf(spans);
  }

  /**
   * Words of one kind.
   *
   * @param target where they lead; empty for nowhere
   * @throws IllegalArgumentException for a target that is neither a fragment nor https
   */
  public record Span(String text, Style style, String target) {
    public Span {
      if (!TARGET.matcher(target).matches()) {
        throw new IllegalArgumentException(
            "link: found " + target + ", allowed: #fragment or https://...");
      }
    }
  }

  /**
   * What words are. The last three are short verdicts: their words say it, the colour only helps.
   */
  public enum Style {
    PLAIN,
    STRONG,
    CODE,
    SOFT,
    GOOD,
    BAD,
    CAUTION
  }

  public static Phrase of(String text) {
    return NONE.then(text);
  }

  public Phrase then(String text) {
    return styled(Style.PLAIN, text);
  }

  public Phrase strong(String text) {
    return styled(Style.STRONG, text);
  }

  public Phrase code(String text) {
    return styled(Style.CODE, text);
  }

  public Phrase styled(Style style, String text) {
    return and(new Span(text, style, ""));
  }

  public Phrase link(String text, String target) {
    return and(new Span(text, Style.PLAIN, target));
  }

  private Phrase and(Span span) {
    return new Phrase(Stream.concat(spans.stream(), Stream.of(span)).toList());
  }
}
