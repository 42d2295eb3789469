package dev.akvavit.text.json;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a JSON file into a {@link JsonValue} within {@link Limits}, each checked before memory is
 * taken.
 */
public final class JsonFile {
  /** Longer than any number a tokenizer or a template setting needs. */
  private static final int NUMBER_CHARS = 64;

  private final String file;
  private final Limits limits;

  private JsonFile(String file, Limits limits) {
    this.file = file;
    this.limits = limits;
  }

  public static JsonValue read(Path path, Limits limits) {
    try {
      String file = String.valueOf(path.getFileName());
      long size = Files.size(path);
      if (size > limits.jsonBytes()) {
        throw new MalformedFileException(
            file, "size", size + " bytes", "at most " + limits.jsonBytes() + " (Limits.jsonBytes)");
      }
      return parse(file, Files.readAllBytes(path), limits);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static JsonValue parse(String file, byte[] json, Limits limits) {
    JsonFile reader = new JsonFile(file, limits);
    try (JsonParser parser = factory(limits).createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        throw reader.malformed(parser, "an empty file", "a JSON value");
      }
      Object root = reader.value(parser);
      if (parser.nextToken() != null) {
        throw reader.malformed(parser, "more after the first value", "one JSON value");
      }
      return new JsonValue(file, "", root);
    } catch (JacksonException e) {
      var where = e.getLocation();
      String field = where == null ? "JSON" : "JSON at line " + where.getLineNr();
      String found = e.getOriginalMessage().replaceFirst(" \\(start marker at .*", "");
      throw new MalformedFileException(file, field, found, "well-formed JSON", e);
    }
  }

  private static JsonFactory factory(Limits limits) {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.jsonDepth())
            .maxStringLength(limits.stringBytes())
            .maxNameLength(limits.keyBytes())
            .maxNumberLength(NUMBER_CHARS)
            .build();
    return JsonFactory.builder().streamReadConstraints(constraints).build();
  }

  private @Nullable Object value(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getString();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> throw malformed(parser, token.name(), "a JSON value");
    };
  }

  /**
   * Numbers beyond {@code long} (a context length of 1e30 is written in full by some exporters)
   * become doubles.
   */
  private static Number integer(JsonParser parser) {
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      default -> parser.getDoubleValue();
    };
  }

  private Map<String, @Nullable Object> object(JsonParser parser) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      bounded(parser, members.size());
      if (members.containsKey(key)) {
        throw malformed(parser, "the key \"" + key + "\" twice", "each key once");
      }
      parser.nextToken();
      members.put(key, value(parser));
    }
    return members;
  }

  private List<@Nullable Object> array(JsonParser parser) {
    List<@Nullable Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      bounded(parser, elements.size());
      elements.add(value(parser));
    }
    return elements;
  }

  private void bounded(JsonParser parser, int size) {
    if (size >= limits.arrayElements()) {
      throw malformed(
          parser, "more elements", "at most " + limits.arrayElements() + " (Limits.arrayElements)");
    }
  }

  private MalformedFileException malformed(JsonParser parser, String found, String allowed) {
    String at = parser.streamReadContext().pathAsPointer().toString();
    return new MalformedFileException(file, at.isEmpty() ? "JSON" : at, found, allowed);
  }
}
