package dev.akvavit.server.fields;

/**
 * Bounds that depend on the model.
 *
 * @param vocabulary token ids lie below it
 * @param context tokens of prompt and answer together
 */
public record Bounds(int vocabulary, int context) {
  /** Of requests that name no model. */
  public static final Bounds NONE = new Bounds(Integer.MAX_VALUE, Integer.MAX_VALUE);
}
