package dev.akvavit.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How cached rows are stored: one type for all planes, and other types for planes by name.
 *
 * <p>Names are {@code keys} and {@code values} of grouped queries; {@code latent}, {@code rope} and
 * {@code index} of latent attention, whose rotated part lies with the latent unless it has a type
 * of its own. Written as people do, {@code bf16} or {@code q8_0,rope=bf16}.
 *
 * @param rows of every plane that is not named
 * @param planes types by name
 */
public record CacheTypes(DType rows, Map<String, DType> planes) {
  /** Types that rows may have: rounded alone, or in blocks of 32 that share a factor. */
  public static final List<DType> ALLOWED = List.of(DType.F32, DType.BF16, DType.F16, DType.Q8_0);

  public CacheTypes {
    planes = Map.copyOf(planes);
    requireAllowed("rows", rows);
    planes.forEach(CacheTypes::requireAllowed);
  }

  private static void requireAllowed(String plane, DType type) {
    Require.that(
        ALLOWED.contains(type),
        "kv-type of " + plane + ": found " + lower(type) + ", allowed: " + allowed());
  }

  /** One type for all planes. */
  public static CacheTypes of(DType rows) {
    return new CacheTypes(rows, Map.of());
  }

  /** The same with a plane's own type. */
  public CacheTypes with(String plane, DType type) {
    Map<String, DType> all = new TreeMap<>(planes);
    all.put(plane, type);
    return new CacheTypes(rows, all);
  }

  /** The same without a plane's own type. */
  public CacheTypes without(String plane) {
    Map<String, DType> others = new TreeMap<>(planes);
    others.remove(plane);
    return new CacheTypes(rows, others);
  }

  /**
   * Reads {@code f16}, {@code keys=f16,values=q8_0} or {@code q8_0,rope=bf16}.
   *
   * @param otherwise types of planes about which the text says nothing
   * @throws IllegalArgumentException naming the part that is no type, or no plane and type
   */
  public static CacheTypes parse(String text, CacheTypes otherwise) {
    CacheTypes types = otherwise;
    Set<String> named = new HashSet<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String plane = part.substring(0, Math.max(0, equals)).strip();
      DType type = type(part.substring(equals + 1).strip(), text);
      Require.that(
          equals < 0 || !plane.isEmpty(),
          "kv-type: found " + part + ", allowed: a plane before the =, as in keys=f16");
      Require.that(
          named.add(plane),
          "kv-type: found two types for "
              + (equals < 0 ? "all planes" : plane)
              + " in "
              + text
              + ", allowed: one");
      types = equals < 0 ? new CacheTypes(type, types.planes) : types.with(plane, type);
    }
    return types;
  }

  private static DType type(String name, String text) {
    for (DType type : ALLOWED) {
      if (type.name().equalsIgnoreCase(name)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "kv-type: found "
            + (name.isEmpty() ? "nothing" : name)
            + " in "
            + text
            + ", allowed: "
            + allowed()
            + ", for all planes or by plane as in keys=f16,values=q8_0");
  }

  private static String allowed() {
    return ALLOWED.stream().map(CacheTypes::lower).collect(Collectors.joining(", "));
  }

  private static String lower(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** The type of a plane. */
  public DType type(String plane) {
    return planes.getOrDefault(plane, rows);
  }

  /** Whether each plane that is named is one of these. */
  void requireAmong(Collection<String> known) {
    for (String plane : planes.keySet()) {
      Require.that(
          known.contains(plane),
          "kv-type: found plane "
              + plane
              + ", allowed for this model: "
              + String.join(", ", known));
    }
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>(List.of(lower(rows)));
    new TreeMap<>(planes).forEach((plane, type) -> parts.add(plane + "=" + lower(type)));
    return String.join(",", parts);
  }
}
