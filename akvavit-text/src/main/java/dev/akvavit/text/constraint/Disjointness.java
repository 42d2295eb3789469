package dev.akvavit.text.constraint;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether two alternatives of {@code oneOf} certainly exclude each other: no value that we would
 * write for one is valid for the other. A doubt is a no.
 */
final class Disjointness {
  private final Alternatives alternatives;

  Disjointness(Alternatives alternatives) {
    this.alternatives = alternatives;
  }

  boolean between(Keywords a, Keywords b) {
    Set<Type> types = Type.both(a.types(), b.types());
    if (types.isEmpty()) {
      return true;
    }
    if (a.values() != null) {
      return refused(a.values(), b);
    }
    if (b.values() != null) {
      return refused(b.values(), a);
    }
    return types.stream().allMatch(type -> apart(type, a, b));
  }

  private static boolean refused(List<@Nullable Object> values, Keywords other) {
    Set<@Nullable Object> allowed = new HashSet<>();
    if (other.values() != null) {
      other.values().forEach(value -> allowed.add(Keywords.plain(value)));
    }
    return values.stream()
        .noneMatch(value ->
            other.admits(value)
                && (other.values() == null || allowed.contains(Keywords.plain(value))));
  }

  private boolean apart(Type type, Keywords a, Keywords b) {
    return switch (type) {
      case STRING -> a.length().and(b.length()).empty();
      case ARRAY -> a.size().and(b.size()).empty();
      case NUMBER, INTEGER -> {
        Bounds both = a.bounds().and(b.bounds());
        yield both.low() != null && both.high() != null && both.low().compareTo(both.high()) > 0;
      }
      case OBJECT -> excludes(a, b) && excludes(b, a) || told(a, b);
      case BOOLEAN, NULL -> false;
    };
  }

  /** Whether no object written for {@code a} is valid for {@code b}. */
  private static boolean excludes(Keywords a, Keywords b) {
    Set<String> written = new LinkedHashSet<>(a.declared());
    written.addAll(a.required());
    boolean lacks = !a.open() && !written.containsAll(b.required());
    return lacks
        || b.objects().stream()
            .anyMatch(part ->
                part.additional() != null
                    && part.additional().isFalse()
                    && !part.properties().keySet().containsAll(a.required()));
  }

  /** Whether a member that both require has other values in each. */
  private boolean told(Keywords a, Keywords b) {
    for (String name : a.required()) {
      if (b.required().contains(name)) {
        List<@Nullable Object> ours = values(a.member(name));
        List<@Nullable Object> others = values(b.member(name));
        if (ours != null && others != null && ours.stream().noneMatch(others::contains)) {
          return true;
        }
      }
    }
    return false;
  }

  /** All values that schemas allow together, or null when they allow more than a list. */
  private @Nullable List<@Nullable Object> values(List<SchemaNode> nodes) {
    Set<@Nullable Object> values = new LinkedHashSet<>();
    for (Keywords alternative : alternatives.of(nodes)) {
      if (alternative.values() == null) {
        return null;
      }
      alternative.values().forEach(value -> values.add(Keywords.plain(value)));
    }
    return List.copyOf(values.stream().map(value -> value == null ? "null" : value).toList());
  }
}
