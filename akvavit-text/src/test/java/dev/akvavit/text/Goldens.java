package dev.akvavit.text;

import dev.akvavit.core.Limits;
import dev.akvavit.text.json.JsonFile;
import dev.akvavit.text.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads what {@code src/test/oracle} made. */
public final class Goldens {
  private Goldens() {}

  public static JsonValue read(String name) {
    return JsonFile.parse(name, bytes("/golden/" + name), Limits.DEFAULT);
  }

  public static String template(String name) {
    return new String(bytes("/templates/" + name), StandardCharsets.UTF_8);
  }

  static int[] ids(JsonValue array) {
    return array.items().stream().mapToInt(id -> id.index(Integer.MAX_VALUE)).toArray();
  }

  private static byte[] bytes(String resource) {
    try (InputStream in = Goldens.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
