package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that one alternative asks of a value, of whatever type the value is.
 *
 * @param values what {@code enum} and {@code const} allow; null for anything
 * @param patterns of strings, those of formats included
 * @param objects what each schema that was put together says of members; a part at a time, for
 *     {@code additionalProperties} speaks of its own part only
 * @param arrays likewise of elements
 */
record Keywords(
    Set<Type> types,
    @Nullable List<@Nullable Object> values,
    Range length,
    Set<String> patterns,
    Bounds bounds,
    Range size,
    List<ObjectPart> objects,
    List<ArrayPart> arrays) {

  /** How many; {@code most} may be {@link AutomatonBuilder#UNBOUNDED}. */
  record Range(int least, int most) {
    static final Range ANY = new Range(0, AutomatonBuilder.UNBOUNDED);

    Range and(Range other) {
      int fewer =
          most < 0 || other.most < 0 ? Math.max(most, other.most) : Math.min(most, other.most);
      return new Range(Math.max(least, other.least), fewer);
    }

    boolean empty() {
      return most >= 0 && least > most;
    }

    boolean contains(int count) {
      return count >= least && (most < 0 || count <= most);
    }
  }

  /**
   * @param additional null where the schema says nothing
   */
  record ObjectPart(
      Map<String, SchemaNode> properties, @Nullable SchemaNode additional, Set<String> required) {}

  /**
   * @param items of elements behind the prefix; null where the schema says nothing
   */
  record ArrayPart(List<SchemaNode> prefix, @Nullable SchemaNode items) {}

  static final Keywords NONE =
      new Keywords(
          Type.ANY, null, Range.ANY, Set.of(), Bounds.NONE, Range.ANY, List.of(), List.of());

  Keywords and(Keywords other) {
    Set<String> allPatterns = new LinkedHashSet<>(patterns);
    allPatterns.addAll(other.patterns);
    return new Keywords(
        Type.both(types, other.types),
        common(values, other.values),
        length.and(other.length),
        allPatterns,
        bounds.and(other.bounds),
        size.and(other.size),
        joined(objects, other.objects),
        joined(arrays, other.arrays));
  }

  private static <T> List<T> joined(List<T> a, List<T> b) {
    List<T> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  private static @Nullable List<@Nullable Object> common(
      @Nullable List<@Nullable Object> a, @Nullable List<@Nullable Object> b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    Set<Object> known = new LinkedHashSet<>();
    b.forEach(value -> known.add(plain(value)));
    List<@Nullable Object> common = new ArrayList<>(a);
    common.removeIf(value -> !known.contains(plain(value)));
    return common;
  }

  /** A value that equals another if JSON Schema says so: {@code 1.0} is {@code 1}. */
  static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case BigDecimal number -> number.stripTrailingZeros();
      case List<?> list -> {
        List<@Nullable Object> plain = new ArrayList<>(list.size());
        list.forEach(element -> plain.add(plain(element)));
        yield plain;
      }
      case Map<?, ?> map -> {
        Map<Object, @Nullable Object> plain = new LinkedHashMap<>();
        map.forEach((key, element) -> plain.put(key, plain(element)));
        yield plain;
      }
      default -> value;
    };
  }

  /** Whether a value of {@code enum} or {@code const} passes what else is asked of scalars. */
  boolean admits(@Nullable Object value) {
    if (types.stream().noneMatch(type -> type.holds(value))) {
      return false;
    }
    return switch (value) {
      case String text -> length.contains(text.codePointCount(0, text.length()));
      case BigDecimal number -> bounds.contains(number);
      case List<?> list -> size.contains(list.size());
      case null, default -> true;
    };
  }

  /** Names of members that must be there. */
  Set<String> required() {
    Set<String> required = new LinkedHashSet<>();
    objects.forEach(part -> required.addAll(part.required()));
    return required;
  }

  /** Names of members that are declared, in order. */
  Set<String> declared() {
    Set<String> declared = new LinkedHashSet<>();
    objects.forEach(part -> declared.addAll(part.properties().keySet()));
    return declared;
  }

  /** Whether members beyond the declared ones are written: documented in structured-output.md. */
  boolean open() {
    return declared().isEmpty() && objects.stream().noneMatch(part -> part.additional() != null)
        || objects.stream()
            .anyMatch(part -> part.additional() != null && !part.additional().isFalse());
  }

  /** What must hold for a member, by all parts. */
  List<SchemaNode> member(String name) {
    List<SchemaNode> all = new ArrayList<>();
    for (ObjectPart part : objects) {
      SchemaNode node = part.properties().getOrDefault(name, part.additional());
      if (node != null) {
        all.add(node);
      }
    }
    return all;
  }

  /** What must hold for a member that nobody declared. */
  List<SchemaNode> additional() {
    List<SchemaNode> all = new ArrayList<>();
    for (ObjectPart part : objects) {
      if (part.additional() != null) {
        all.add(part.additional());
      }
    }
    return all;
  }

  /** Elements that have schemas of their own. */
  int prefix() {
    return arrays.stream().mapToInt(part -> part.prefix().size()).max().orElse(0);
  }

  /** What must hold for an element, by all parts. */
  List<SchemaNode> element(int index) {
    List<SchemaNode> all = new ArrayList<>();
    for (ArrayPart part : arrays) {
      SchemaNode node = index < part.prefix().size() ? part.prefix().get(index) : part.items();
      if (node != null) {
        all.add(node);
      }
    }
    return all;
  }
}
