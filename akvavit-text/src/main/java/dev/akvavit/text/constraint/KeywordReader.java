package dev.akvavit.text.constraint;

import dev.akvavit.text.constraint.Keywords.ArrayPart;
import dev.akvavit.text.constraint.Keywords.ObjectPart;
import dev.akvavit.text.constraint.Keywords.Range;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the keywords of one schema; one that is neither enforced nor a mere note is refused. */
final class KeywordReader {
  private static final Set<String> COMBINING = Set.of("$ref", "allOf", "anyOf", "oneOf");

  /** They say nothing about which values are valid. */
  private static final Set<String> NOTES =
      Set.of(
          """
          title description default examples example deprecated readOnly writeOnly discriminator
          $comment $schema $defs definitions\
          """
              .split("\\s+"));

  private static final Set<String> ENFORCED =
      Set.of(
          """
          type enum const properties required additionalProperties items prefixItems minItems
          maxItems minLength maxLength pattern format minimum maximum exclusiveMinimum
          exclusiveMaximum\
          """
              .split("\\s+"));

  private final SchemaLimits limits;

  KeywordReader(SchemaLimits limits) {
    this.limits = limits;
  }

  /** Whether a schema is nothing but a choice or a reference, notes aside. */
  static boolean only(SchemaNode node, String keyword) {
    return node.has(keyword)
        && node.keywords().keySet().stream()
            .allMatch(key -> key.equals(keyword) || NOTES.contains(key) || key.equals("$id"));
  }

  /** What a schema itself says, without what its combining keywords lead to. */
  Keywords read(SchemaNode node) {
    for (Object key : node.keywords().keySet()) {
      check(node, (String) key);
    }
    return new Keywords(
        types(node),
        values(node),
        range(node, "minLength", "maxLength"),
        patterns(node),
        bounds(node),
        range(node, "minItems", "maxItems"),
        objects(node),
        arrays(node));
  }

  private static void check(SchemaNode node, String key) {
    boolean known = COMBINING.contains(key) || NOTES.contains(key) || ENFORCED.contains(key);
    boolean harmless =
        key.equals("$id") && node.path().equals("#")
            || key.equals("uniqueItems") && Boolean.FALSE.equals(node.keywords().get(key));
    if (!known && !harmless) {
      throw new SchemaException(
          node.path(), key, "is not enforced, so it is refused; leave it out or check it yourself");
    }
  }

  private static Set<Type> types(SchemaNode node) {
    if (!node.has("type")) {
      return Type.ANY;
    }
    List<String> names =
        node.keywords().get("type") instanceof List
            ? node.texts("type")
            : List.of(node.text("type"));
    Set<Type> types = EnumSet.noneOf(Type.class);
    for (String name : names) {
      Type type = Type.named(name);
      if (type == null) {
        throw node.wrong("type", "of object, array, string, integer, number, boolean, null");
      }
      types.add(type);
    }
    return Type.both(types, Type.ANY);
  }

  private static @Nullable List<@Nullable Object> values(SchemaNode node) {
    List<@Nullable Object> values = null;
    if (node.has("enum")) {
      if (!(node.keywords().get("enum") instanceof List<?> list)) {
        throw node.wrong("enum", "an array of values");
      }
      values = new ArrayList<>(list);
    }
    if (node.has("const")) {
      Object only = node.keywords().get("const");
      boolean allowed =
          values == null
              || values.stream().map(Keywords::plain).toList().contains(Keywords.plain(only));
      values = new ArrayList<>();
      if (allowed) {
        values.add(only);
      }
    }
    return values;
  }

  private Range range(SchemaNode node, String least, String most) {
    return new Range(
        node.has(least) ? node.count(least, limits.repetition()) : 0,
        node.has(most) ? node.count(most, limits.repetition()) : AutomatonBuilder.UNBOUNDED);
  }

  private static Set<String> patterns(SchemaNode node) {
    Set<String> patterns = new LinkedHashSet<>();
    if (node.has("pattern")) {
      patterns.add(node.text("pattern"));
    }
    if (node.has("format")) {
      String pattern = Formats.PATTERNS.get(node.text("format"));
      if (pattern == null) {
        throw node.wrong(
            "format",
            "one of " + String.join(", ", Formats.PATTERNS.keySet().stream().sorted().toList()));
      }
      patterns.add(pattern);
    }
    return patterns;
  }

  private static Bounds bounds(SchemaNode node) {
    Bounds bounds = Bounds.NONE;
    for (String keyword : List.of("minimum", "exclusiveMinimum")) {
      BigDecimal low = bound(node, keyword, -1);
      if (low != null) {
        bounds = bounds.and(Bounds.from(low, !keyword.equals("minimum")));
      }
    }
    for (String keyword : List.of("maximum", "exclusiveMaximum")) {
      BigDecimal high = bound(node, keyword, 1);
      if (high != null) {
        bounds = bounds.and(Bounds.to(high, !keyword.equals("maximum")));
      }
    }
    return bounds;
  }

  /** A bound, or null where there is none or no number we write can reach it. */
  private static @Nullable BigDecimal bound(SchemaNode node, String keyword, int side) {
    if (!node.has(keyword)) {
      return null;
    }
    BigDecimal bound = node.number(keyword).stripTrailingZeros();
    if ((long) bound.precision() - bound.scale() > Numbers.WHOLE_DIGITS) {
      if (bound.signum() == side) {
        return null;
      }
      throw node.wrong(keyword, "of at most " + Numbers.WHOLE_DIGITS + " digits");
    }
    if (bound.scale() > Numbers.FRACTION_DIGITS) {
      throw node.wrong(
          keyword, "of at most " + Numbers.FRACTION_DIGITS + " digits behind the point");
    }
    return bound;
  }

  private static List<ObjectPart> objects(SchemaNode node) {
    boolean any =
        node.has("properties") || node.has("required") || node.has("additionalProperties");
    if (!any) {
      return List.of();
    }
    Map<String, SchemaNode> properties = node.has("properties") ? node.map("properties") : Map.of();
    SchemaNode additional =
        node.has("additionalProperties") ? node.child("additionalProperties") : null;
    Set<String> required =
        node.has("required") ? new LinkedHashSet<>(node.texts("required")) : Set.of();
    return List.of(new ObjectPart(properties, additional, required));
  }

  private static List<ArrayPart> arrays(SchemaNode node) {
    if (!node.has("items") && !node.has("prefixItems")) {
      return List.of();
    }
    if (node.keywords().get("items") instanceof List) {
      throw node.wrong("items", "one schema; schemas by position go into prefixItems");
    }
    List<SchemaNode> prefix = node.has("prefixItems") ? node.list("prefixItems") : List.of();
    return List.of(new ArrayPart(prefix, node.has("items") ? node.child("items") : null));
  }
}
