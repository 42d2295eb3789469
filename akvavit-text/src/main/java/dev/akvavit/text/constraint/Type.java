package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The types of JSON Schema; an integer is a number too. */
enum Type {
  OBJECT,
  ARRAY,
  STRING,
  INTEGER,
  NUMBER,
  BOOLEAN,
  NULL;

  static final Set<Type> ANY = EnumSet.complementOf(EnumSet.of(INTEGER));

  /** The type by its name in a schema, or null. */
  static @Nullable Type named(String name) {
    for (Type type : values()) {
      if (type.keyword().equals(name)) {
        return type;
      }
    }
    return null;
  }

  String keyword() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Set<Type> both(Set<Type> a, Set<Type> b) {
    EnumSet<Type> both = EnumSet.noneOf(Type.class);
    for (Type type : a) {
      if (b.contains(type) || type == INTEGER && b.contains(NUMBER)) {
        both.add(type);
      }
    }
    if (a.contains(NUMBER) && b.contains(INTEGER)) {
      both.add(INTEGER);
    }
    if (both.contains(NUMBER)) {
      both.remove(INTEGER);
    }
    return both;
  }

  boolean holds(@Nullable Object value) {
    return switch (this) {
      case OBJECT -> value instanceof Map;
      case ARRAY -> value instanceof List;
      case STRING -> value instanceof String;
      case INTEGER ->
          value instanceof BigDecimal number && number.stripTrailingZeros().scale() <= 0;
      case NUMBER -> value instanceof BigDecimal;
      case BOOLEAN -> value instanceof Boolean;
      case NULL -> value == null;
    };
  }
}
