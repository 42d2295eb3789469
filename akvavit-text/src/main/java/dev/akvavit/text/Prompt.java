package dev.akvavit.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Text whose every part says who wrote it, so that a user cannot spell a control token.
 *
 * <p>The tokenizer reads all spans as one text, but recognises control tokens only where they lie
 * wholly in {@link Origin#TEMPLATE} spans.
 */
public record Prompt(List<Span> spans) {
  /** An empty prompt, to be added to. */
  public static final Prompt EMPTY = new Prompt(List.of());

  /** Who wrote a span. */
  public enum Origin {
    /** The model's template or the operator: {@code <|eos|>} means the token. */
    TEMPLATE,
    /** Anyone else: {@code <|eos|>} means these seven characters. */
    CONTENT
  }

  /** A stretch of text from one origin. */
  public record Span(Origin origin, String text) {}

  /** Joins neighbours of one origin and drops empty spans. */
  public Prompt {
    List<Span> joined = new ArrayList<>(spans.size());
    int at = 0;
    while (at < spans.size()) {
      Origin origin = spans.get(at).origin();
      StringBuilder run = new StringBuilder();
      do {
        run.append(spans.get(at++).text());
      } while (at < spans.size() && sameRun(spans.get(at), origin));
      if (!run.isEmpty()) {
        joined.add(new Span(origin, run.toString()));
      }
    }
    spans = List.copyOf(joined);
  }

  public static Prompt template(String text) {
    return new Prompt(List.of(new Span(Origin.TEMPLATE, text)));
  }

  public static Prompt content(String text) {
    return new Prompt(List.of(new Span(Origin.CONTENT, text)));
  }

  /** This prompt followed by another. */
  public Prompt plus(Prompt next) {
    List<Span> all = new ArrayList<>(spans);
    all.addAll(next.spans);
    return new Prompt(all);
  }

  /** All spans as one text. */
  public String text() {
    StringBuilder all = new StringBuilder();
    for (Span span : spans) {
      all.append(span.text());
    }
    return all.toString();
  }

  private static boolean sameRun(Span span, Origin origin) {
    return span.origin() == origin || span.text().isEmpty();
  }
}
