package dev.akvavit.text.constraint;

/**
 * A schema that is not compiled, with the place, the keyword and what to do. The caller's error.
 */
public final class SchemaException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private static final int SHOWN = 200;

  private final String path;
  private final String keyword;

  SchemaException(String path, String keyword, String message) {
    super(
        (keyword.isEmpty() ? cut(path) : cut(path) + ": \"" + cut(keyword) + "\"")
            + ": "
            + message);
    this.path = path;
    this.keyword = keyword;
  }

  /** Names in a schema are its author's, and as long as they please. */
  private static String cut(String name) {
    return name.length() <= SHOWN ? name : name.substring(0, SHOWN) + "…";
  }

  /** Where in the schema, as a JSON pointer in a fragment: {@code #/properties/name}. */
  public String path() {
    return path;
  }

  /** The keyword that is to blame; empty when it is the schema as a whole. */
  public String keyword() {
    return keyword;
  }
}
