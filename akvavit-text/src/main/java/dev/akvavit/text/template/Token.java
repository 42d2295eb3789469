package dev.akvavit.text.template;

/** A piece of template source. */
record Token(Kind kind, String text, int line) {
  enum Kind {
    /** Text outside of tags. */
    DATA,
    /** <code>{{</code> and <code>}}</code>. */
    OPEN_PRINT,
    CLOSE_PRINT,
    /** <code>{%</code> and <code>%}</code>. */
    OPEN_TAG,
    CLOSE_TAG,
    NAME,
    STRING,
    WHOLE,
    REAL,
    SIGN,
    END
  }

  boolean is(Kind other, String spelled) {
    return kind == other && text.equals(spelled);
  }

  @Override
  public String toString() {
    return kind == Kind.END ? "the end of the template" : "\"" + text + "\"";
  }
}
