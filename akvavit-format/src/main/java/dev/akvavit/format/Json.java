package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A JSON value: well-formed, finite, without duplicate keys and no deeper than {@link
 * Limits#jsonDepth}.
 */
public sealed interface Json {
  /** An object; members keep the order of the file. */
  record Members(Map<String, Json> map) implements Json {
    @Override
    public String toString() {
      return map.entrySet().stream()
          .map(e -> new Text(e.getKey()) + ": " + e.getValue())
          .collect(Collectors.joining(", ", "{", "}"));
    }
  }

  /** An array. */
  record Elements(List<Json> list) implements Json {
    @Override
    public String toString() {
      return list.stream().map(Json::toString).collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /** A string. */
  record Text(String value) implements Json {
    @Override
    public String toString() {
      return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
  }

  /**
   * A finite number.
   *
   * @param literal as written: an integer may have more digits than {@code value} keeps
   */
  record Number(String literal, double value) implements Json {
    @Override
    public String toString() {
      return literal;
    }
  }

  /** {@code true} or {@code false}. */
  record Flag(boolean value) implements Json {
    @Override
    public String toString() {
      return String.valueOf(value);
    }
  }

  /** {@code null}. */
  enum Null implements Json {
    NULL;

    @Override
    public String toString() {
      return "null";
    }
  }

  /**
   * JSON for a message: not cut, and strings escaped only as far as needed to see where they end.
   */
  @Override
  String toString();

  /**
   * Reads a whole file.
   *
   * @throws MalformedFileException when it is absent, too long or breaks a rule
   */
  static Json read(Path file, Limits limits) {
    String origin = file.toString();
    try {
      if (!Files.isRegularFile(file)) { // a pipe would block for ever
        throw new MalformedFileException(origin, "file", "none", "a readable JSON file");
      }
      long size = Files.size(file);
      if (size > limits.jsonBytes()) {
        throw new MalformedFileException(
            origin, "length", size + " bytes", "at most " + limits.jsonBytes());
      }
      try (InputStream bytes = Files.newInputStream(file)) {
        return read(bytes, origin, limits);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(origin + " cannot be read", e);
    }
  }

  /**
   * Reads UTF-8 to its end; {@code origin} names the source in errors. The caller closes the
   * stream.
   */
  static Json read(InputStream bytes, String origin, Limits limits) {
    return new JsonTree(JsonTokens.of(bytes, origin, limits), limits).read();
  }

  /** Reads a text; {@code origin} names it in errors. */
  static Json parse(String text, String origin, Limits limits) {
    return new JsonTree(JsonTokens.of(new StringReader(text), origin, limits), limits).read();
  }
}
