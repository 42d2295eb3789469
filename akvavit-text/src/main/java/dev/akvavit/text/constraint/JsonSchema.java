package dev.akvavit.text.constraint;

/**
 * A schema ready to be followed: compiled within {@link SchemaLimits}, immutable, to be shared.
 * What it enforces is told in docs/structured-output.md.
 */
public final class JsonSchema {
  private static final String OBJECT = "{\"type\":\"object\"}";

  private final String source;
  private final Automaton automaton;

  private JsonSchema(String source, Automaton automaton) {
    this.source = source;
    this.automaton = automaton;
  }

  /**
   * Compiles a schema from its JSON text. Costs up to some hundred milliseconds of the caller's
   * thread: call it on the request's, and prefer {@link StructuredOutput#schema}, which remembers.
   *
   * @throws SchemaException if it is malformed, asks for what is not enforced, costs too much or
   *     allows nothing
   */
  public static JsonSchema compile(String json) {
    return compile(json, SchemaLimits.DEFAULT);
  }

  /** The same within other limits. */
  public static JsonSchema compile(String json, SchemaLimits limits) {
    return new JsonSchema(json, SchemaCompiler.compile(SchemaReader.read(json, limits), limits));
  }

  /** Any JSON object: {@code response_format} of type {@code json_object}. */
  public static JsonSchema object() {
    return compile(OBJECT);
  }

  /** The text it was compiled from. */
  public String source() {
    return source;
  }

  /** States of its automaton. */
  public int states() {
    return automaton.states();
  }

  Automaton automaton() {
    return automaton;
  }
}
