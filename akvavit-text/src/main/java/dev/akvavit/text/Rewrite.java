package dev.akvavit.text;

import java.text.Normalizer;

/** A change to the text between control tokens, made before it is cut into words. */
public sealed interface Rewrite {
  /**
   * Rewrites a segment.
   *
   * @param first whether the segment begins the input; others follow a control token
   */
  String apply(String segment, boolean first);

  /**
   * Unicode normalization. Runs of more than {@value #RUN} combining marks, which no language has
   * (Unicode's stream-safe format, UAX #15, allows 30), are normalized part by part: sorting one
   * long run costs its length squared.
   */
  record Unicode(Normalizer.Form form) implements Rewrite {
    static final int RUN = 128;

    @Override
    public String apply(String segment, boolean first) {
      StringBuilder out = new StringBuilder(segment.length() + 16);
      int start = 0;
      int marks = 0;
      for (int at = 0; at < segment.length(); ) {
        int c = segment.codePointAt(at);
        marks = combining(c) ? marks + 1 : 0;
        if (marks == RUN) {
          out.append(Normalizer.normalize(segment.substring(start, at), form));
          start = at;
          marks = 1;
        }
        at += Character.charCount(c);
      }
      return out.append(Normalizer.normalize(segment.substring(start), form)).toString();
    }

    private static boolean combining(int c) {
      int type = Character.getType(c);
      return type == Character.NON_SPACING_MARK
          || type == Character.COMBINING_SPACING_MARK
          || type == Character.ENCLOSING_MARK;
    }
  }

  /** Puts a prefix before every segment, as SentencePiece's "dummy prefix". */
  record Prepend(String prefix) implements Rewrite {
    @Override
    public String apply(String segment, boolean first) {
      return prefix + segment;
    }
  }

  /**
   * Puts a prefix before a segment that does not begin with it.
   *
   * @param onlyFirst leaves alone segments that follow a control token
   */
  record Lead(String prefix, boolean onlyFirst) implements Rewrite {
    @Override
    public String apply(String segment, boolean first) {
      return onlyFirst && !first || segment.startsWith(prefix) ? segment : prefix + segment;
    }
  }

  /** Replaces every occurrence of one string by another. */
  record Replace(String what, String with) implements Rewrite {
    @Override
    public String apply(String segment, boolean first) {
      return segment.replace(what, with);
    }
  }
}
