package dev.akvavit.text.template;

/**
 * What a rendering may cost: steps, depth and the length of any one text.
 *
 * <p>The bounds grow with the conversation, so that a long one renders and a short one cannot be
 * blown up.
 */
final class Fuel {
  static final int STEPS = 500_000;
  static final int TEXT = 4 << 20;
  static final int RANGE = 100_000;

  /** Of nested blocks, calls and list levels. */
  static final int DEPTH = 64;

  /** Of nested operators, which a long chain of {@code +} reaches harmlessly. */
  private static final int OPERATORS = 512;

  /** Of bodies within bodies over all macros: what the stack of a thread bears with ease. */
  private static final int BODIES = 4 * DEPTH;

  /** Characters copied for the price of one step. */
  private static final int CHARS_A_STEP = 128;

  private final int longestText;
  private long left;
  private int calls;
  private int operators;
  private int bodies;

  Fuel(long inputChars) {
    left = STEPS + inputChars / 4;
    longestText = (int) Math.min(1 << 29, Math.max(TEXT, 4 * inputChars));
  }

  void step(int line) {
    burn(line, 1);
  }

  /** Pays for work on so many elements. */
  void burn(int line, long steps) {
    left -= steps;
    if (left < 0) {
      throw new TemplateException(
          line, "more than " + STEPS + " steps; the template does not end soon enough");
    }
  }

  /** Pays for making a text of so many characters. */
  void text(int line, long chars) {
    fits(line, chars);
    burn(line, 1 + chars / CHARS_A_STEP);
  }

  /** Holds a text that grows bit by bit against its bound. */
  void fits(int line, long chars) {
    if (chars > longestText) {
      throw new TemplateException(
          line, "a text of " + chars + " characters; at most " + longestText + " are allowed");
    }
  }

  void enterCall(int line) {
    if (++calls > DEPTH) {
      throw new TemplateException(line, "macros nested deeper than " + DEPTH);
    }
  }

  void leaveCall() {
    calls--;
  }

  void enterBody(int line) {
    if (++bodies > BODIES) {
      throw new TemplateException(line, "blocks nested deeper than " + BODIES);
    }
  }

  void leaveBody() {
    bodies--;
  }

  void enterOperator(int line) {
    if (++operators > OPERATORS) {
      throw new TemplateException(line, "expressions nested deeper than " + OPERATORS);
    }
  }

  void leaveOperator() {
    operators--;
  }
}
