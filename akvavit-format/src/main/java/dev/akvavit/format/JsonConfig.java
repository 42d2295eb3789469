package dev.akvavit.format;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings from a JSON object, {@code config.json} above all. A typed getter and {@link #section}
 * mark their key as read; {@link #has}, {@link #raw} and {@link #neutral} only look.
 *
 * <p>Python is generous with numbers and so are we where nothing is lost: an integer may be written
 * {@code 32.0}. Where Hugging Face writes either one value or a list ({@code eos_token_id}), one
 * value reads as a list of one.
 */
public final class JsonConfig implements ConfigSource {
  private final Json.Members members;
  private final String origin;
  private final String prefix;
  private final Set<String> read = new HashSet<>();

  /** Settings that were read before; {@code origin} names their file in errors. */
  public JsonConfig(Json.Members members, String origin) {
    this(members, origin, "");
  }

  private JsonConfig(Json.Members members, String origin, String prefix) {
    this.members = members;
    this.origin = origin;
    this.prefix = prefix;
  }

  /** Reads a file whose one value is an object. */
  public static JsonConfig read(Path file, Limits limits) {
    return of(Json.read(file, limits), file.toString());
  }

  /** Reads UTF-8 to its end; {@code origin} names the source in errors. The caller closes it. */
  public static JsonConfig read(InputStream bytes, String origin, Limits limits) {
    return of(Json.read(bytes, origin, limits), origin);
  }

  /** Reads a text; {@code origin} names it in errors. */
  public static JsonConfig parse(String text, String origin, Limits limits) {
    return of(Json.parse(text, origin, limits), origin);
  }

  private static JsonConfig of(Json json, String origin) {
    if (json instanceof Json.Members members) {
      return new JsonConfig(members, origin);
    }
    throw new MalformedFileException(
        origin, "document", Shown.plain(json.toString()), "an object of settings");
  }

  /**
   * The value itself, for what the typed getters do not cover; null when absent. Marks the key as
   * read.
   */
  public @Nullable Json json(String key) {
    read.add(key);
    return members.map().get(key);
  }

  /** All keys, in file order. */
  public Set<String> keys() {
    return members.map().keySet();
  }

  @Override
  public boolean has(String key) {
    Json value = members.map().get(key);
    return value != null && value != Json.Null.NULL;
  }

  @Override
  public int integer(String key) {
    return integer(key, present(key));
  }

  @Override
  public int integer(String key, int fallback) {
    Json value = given(key);
    return value == null ? fallback : integer(key, value);
  }

  @Override
  public double number(String key) {
    return number(key, present(key));
  }

  @Override
  public double number(String key, double fallback) {
    Json value = given(key);
    return value == null ? fallback : number(key, value);
  }

  @Override
  public boolean flag(String key, boolean fallback) {
    return switch (given(key)) {
      case null -> fallback;
      case Json.Flag flag -> flag.value();
      case Json other -> throw wrong(key, other, "true or false");
    };
  }

  @Override
  public String text(String key) {
    return text(key, present(key));
  }

  @Override
  public String text(String key, String fallback) {
    Json value = given(key);
    return value == null ? fallback : text(key, value);
  }

  @Override
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Json element : elements(key)) {
      texts.add(text(key + "[" + texts.size() + "]", element));
    }
    return List.copyOf(texts);
  }

  @Override
  public List<Integer> integers(String key) {
    List<Integer> integers = new ArrayList<>();
    for (Json element : elements(key)) {
      integers.add(integer(key + "[" + integers.size() + "]", element));
    }
    return List.copyOf(integers);
  }

  @Override
  public JsonConfig section(String key) {
    return switch (present(key)) {
      case Json.Members section -> new JsonConfig(section, origin, prefix + key + ".");
      case Json other -> throw wrong(key, other, "an object");
    };
  }

  @Override
  public Set<String> unread() {
    Set<String> unread = new LinkedHashSet<>(members.map().keySet());
    unread.removeAll(read);
    return unread;
  }

  @Override
  public String raw(String key) {
    Json value = members.map().get(key);
    return value == null ? "absent" : Shown.plain(value.toString());
  }

  @Override
  public boolean neutral(String key) {
    return switch (members.map().get(key)) {
      case null -> true;
      case Json.Null none -> true;
      case Json.Flag flag -> !flag.value();
      case Json.Number number -> number.value() == 0 || number.value() == 1;
      case Json.Text text -> text.value().isEmpty();
      case Json.Elements elements -> elements.list().isEmpty();
      case Json.Members section -> section.map().isEmpty();
    };
  }

  @Override
  public String origin() {
    return origin;
  }

  private @Nullable Json given(String key) {
    Json value = json(key);
    return value == Json.Null.NULL ? null : value;
  }

  private Json present(String key) {
    Json value = given(key);
    if (value == null) {
      throw new MalformedFileException(origin, prefix + key, raw(key), "a value; it is required");
    }
    return value;
  }

  private List<Json> elements(String key) {
    return switch (given(key)) {
      case null -> List.of();
      case Json.Elements elements -> elements.list();
      case Json one -> List.of(one);
    };
  }

  private int integer(String key, Json value) {
    // Every int is exact as a double, so the range check on the double loses nothing.
    if (value instanceof Json.Number number) {
      double d = number.value();
      if (d == Math.rint(d) && d >= Integer.MIN_VALUE && d <= Integer.MAX_VALUE) {
        return (int) d;
      }
    }
    throw wrong(key, value, "an integer from -2^31 to 2^31 - 1");
  }

  private double number(String key, Json value) {
    if (value instanceof Json.Number number) {
      return number.value();
    }
    throw wrong(key, value, "a number");
  }

  private String text(String key, Json value) {
    if (value instanceof Json.Text text) {
      return text.value();
    }
    throw wrong(key, value, "a string");
  }

  private MalformedFileException wrong(String key, Json found, String allowed) {
    return new MalformedFileException(
        origin, prefix + Shown.key(key), Shown.plain(found.toString()), allowed);
  }
}
