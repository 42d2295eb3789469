package dev.akvavit.text.constraint;

/**
 * What a schema may cost, counted in things and steps, never in seconds: the same schema is taken
 * or refused on every machine.
 *
 * @param sourceBytes longest source in UTF-8
 * @param depth deepest nesting, of the schema and of what it lets a model write
 * @param states most states of the automaton it becomes
 * @param repetition highest {@code minLength}, {@code maxLength}, {@code minItems}, {@code
 *     maxItems} and count in a pattern
 * @param alternatives most alternatives after {@code allOf} and {@code anyOf} are multiplied out
 * @param steps most steps of compilation
 */
public record SchemaLimits(
    int sourceBytes, int depth, int states, int repetition, int alternatives, int steps) {
  public static final SchemaLimits DEFAULT =
      new SchemaLimits(64 << 10, 64, 50_000, 10_000, 256, 2_000_000);
}
