package dev.akvavit.server.fields;

import dev.akvavit.server.http.ApiError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A row of a request's table: a field's name, what it may hold, and what stands for it when it is
 * absent or null.
 *
 * @param name as it stands in the request
 * @param allowed in words, for errors and for the documentation
 * @param absent what an absent field means
 * @param reader reads a value that is not null
 * @param <T> the type in Java
 */
public record Field<T extends @Nullable Object>(
    String name, String allowed, T absent, Reader<? extends T> reader) {
  private static final int SHOWN = 40;

  /** Reads one value. */
  @FunctionalInterface
  public interface Reader<T extends @Nullable Object> {
    /**
     * The value in Java.
     *
     * @throws ApiError when it is not allowed
     */
    T read(Place place, JsonNode value);
  }

  /**
   * Where a value stands.
   *
   * @param name of the field, with indices for what lies within: {@code messages[2].role}
   * @param allowed in words
   */
  public record Place(String name, String allowed, Bounds bounds) {
    /** The error that names field, value and limit. */
    public ApiError refuse(JsonNode found) {
      return ApiError.invalid(name, show(found), allowed);
    }

    public ApiError refuse(String found) {
      return ApiError.invalid(name, found, allowed);
    }

    /** A place within this one. */
    public Place at(String member, String allowedThere) {
      return new Place(name + member, allowedThere, bounds);
    }
  }

  public static Field<@Nullable Integer> integer(String name, int low, int high) {
    return new Field<>(
        name,
        "a whole number in " + low + ".." + high,
        null,
        (place, v) -> whole(place, v, low, high));
  }

  public static Field<Integer> integer(String name, int low, int high, int absent) {
    return new Field<>(
        name,
        "a whole number in " + low + ".." + high,
        absent,
        (place, v) -> whole(place, v, low, high));
  }

  public static Field<@Nullable Long> longInteger(String name) {
    return new Field<>(
        name,
        "a whole number of 64 bits",
        null,
        (place, v) -> {
          if (!v.isIntegralNumber() || !v.canConvertToLong()) {
            throw place.refuse(v);
          }
          return v.longValue();
        });
  }

  public static Field<@Nullable Float> number(String name, double low, double high) {
    return new Field<>(
        name,
        "a number in %s..%s".formatted(plain(low), plain(high)),
        null,
        (place, v) -> {
          if (!v.isNumber() || !(v.doubleValue() >= low && v.doubleValue() <= high)) {
            throw place.refuse(v);
          }
          return (float) v.doubleValue();
        });
  }

  public static Field<Boolean> flag(String name, boolean absent) {
    return new Field<>(
        name,
        "true or false",
        absent,
        (place, v) -> {
          if (!v.isBoolean()) {
            throw place.refuse(v);
          }
          return v.booleanValue();
        });
  }

  public static Field<@Nullable String> text(String name, int maxLength) {
    return new Field<>(
        name,
        "a text of up to " + maxLength + " characters",
        null,
        (p, v) -> text(p, v, maxLength));
  }

  public static Field<@Nullable String> choice(String name, String... allowed) {
    List<String> all = List.of(allowed);
    return new Field<>(
        name,
        "one of " + String.join(", ", all),
        null,
        (place, v) -> {
          if (!v.isString() || !all.contains(v.stringValue())) {
            throw place.refuse(v);
          }
          return v.stringValue();
        });
  }

  /** A field with a structure of its own. */
  public static <T extends @Nullable Object> Field<T> of(
      String name, String allowed, T absent, Reader<? extends T> reader) {
    return new Field<>(name, allowed, absent, reader);
  }

  /** A whole number, for readers of structures. */
  public static int whole(Place place, JsonNode v, int low, int high) {
    if (!v.isIntegralNumber()
        || !v.canConvertToInt()
        || v.intValue() < low
        || v.intValue() > high) {
      throw place.refuse(v);
    }
    return v.intValue();
  }

  /** A text, for readers of structures. */
  public static String text(Place place, JsonNode v, int maxLength) {
    if (!v.isString()) {
      throw place.refuse(v);
    }
    if (v.stringValue().length() > maxLength) {
      throw place.refuse("a text of " + v.stringValue().length() + " characters");
    }
    return v.stringValue();
  }

  /** A list of up to {@code most}, each read by itself. */
  public static <E> List<E> list(Place place, JsonNode v, int most, Reader<E> each) {
    if (!v.isArray()) {
      throw place.refuse(v);
    }
    if (v.size() > most) {
      throw place.refuse("a list of " + v.size());
    }
    List<E> all = new ArrayList<>(v.size());
    for (int i = 0; i < v.size(); i++) {
      all.add(each.read(place.at("[" + i + "]", place.allowed()), v.get(i)));
    }
    return all;
  }

  /** Reads the value that stands in a request, or does not. */
  public T read(@Nullable JsonNode value, Bounds bounds) {
    return value == null || value.isNull()
        ? absent
        : reader.read(new Place(name, allowed, bounds), value);
  }

  /** A value as an error shows it: short, and structures by their kind. */
  static String show(JsonNode v) {
    if (v.isArray()) {
      return "a list of " + v.size();
    }
    if (v.isObject()) {
      return "an object";
    }
    return shorten(v.isString() ? "\"" + v.stringValue() + "\"" : v.toString());
  }

  /** A stranger's text as an error shows it. */
  public static String shorten(String shown) {
    return shown.length() <= SHOWN ? shown : shown.substring(0, SHOWN) + "…";
  }

  private static String plain(double value) {
    return value == (long) value ? Long.toString((long) value) : Double.toString(value);
  }
}
