package dev.akvavit.text.constraint;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Follows {@code $ref} within the schema. Source: RFC 6901. */
final class References {
  private final SchemaNode root;
  private final int longest;

  /**
   * @param longest most references in a row
   */
  References(SchemaNode root, int longest) {
    this.root = root;
    this.longest = longest;
  }

  SchemaNode root() {
    return root;
  }

  /** The schema that is meant, where a schema is nothing but a reference. */
  SchemaNode resolved(SchemaNode node) {
    SchemaNode at = node;
    for (int i = 0; KeywordReader.only(at, "$ref"); i++) {
      if (i == longest) {
        throw new SchemaException(
            node.path(),
            "$ref",
            "leads through more than " + longest + " references, or in a circle");
      }
      at = target(at);
    }
    return at;
  }

  /** Where the reference of a schema leads. */
  SchemaNode target(SchemaNode node) {
    String reference = node.text("$ref");
    if (!reference.equals("#") && !reference.startsWith("#/")) {
      throw node.wrong("$ref", "a place in this schema, such as #/$defs/name");
    }
    SchemaNode at = root;
    String pointer = decoded(node, reference.substring(1));
    for (int from = 0; from < pointer.length(); ) {
      int slash = pointer.indexOf('/', from + 1);
      int end = slash < 0 ? pointer.length() : slash;
      String key = pointer.substring(from + 1, end).replace("~1", "/").replace("~0", "~");
      boolean there =
          at.value() instanceof Map<?, ?> map && map.containsKey(key)
              || at.value() instanceof List<?> list && index(key) < list.size();
      if (!there) {
        throw node.wrong(
            "$ref", "a place in this schema; there is no \"" + key + "\" in " + at.path());
      }
      at = at.child(key);
      from = end;
    }
    return at;
  }

  private static String decoded(SchemaNode node, String pointer) {
    try {
      return URLDecoder.decode(pointer.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw node.wrong("$ref", "a well-formed JSON pointer");
    }
  }

  private static int index(String key) {
    boolean digits =
        !key.isEmpty() && key.length() < 6 && key.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits ? Integer.parseInt(key) : Integer.MAX_VALUE;
  }
}
