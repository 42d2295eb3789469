package dev.akvavit.format;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * JSON read token by token under {@link Limits}; strict UTF-8, and every failure of the parser is a
 * {@link MalformedFileException} with line and column.
 */
final class JsonTokens implements AutoCloseable {
  private static final int NUMBER_CHARACTERS = 1_000;

  /**
   * What the parser adds to a message about a file that ends too early: where, in its own words.
   */
  private static final String PARSERS_ASIDE = " \\(start marker at .*";

  private final String origin;
  private final JsonParser parser;

  private JsonTokens(Reader text, String origin, Limits limits) {
    this.origin = origin;
    // Names are neither interned nor kept in a shared table: both would outlive the file they came
    // from.
    JsonFactory factory =
        JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            // Accepted here to be refused with a better message, see number().
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(limits.jsonDepth())
                    .maxNameLength(limits.keyBytes())
                    .maxStringLength(limits.stringBytes())
                    .maxNumberLength(NUMBER_CHARACTERS)
                    .maxDocumentLength(limits.jsonBytes())
                    .maxTokenCount(2L * limits.arrayElements())
                    .build())
            .build();
    this.parser = factory.createParser(ObjectReadContext.empty(), text);
  }

  /**
   * Reads UTF-8; a byte sequence that is none ends in an error instead of a replacement character.
   */
  static JsonTokens of(InputStream bytes, String origin, Limits limits) {
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    return of(new InputStreamReader(bytes, decoder), origin, limits);
  }

  static JsonTokens of(Reader text, String origin, Limits limits) {
    return new JsonTokens(text, origin, limits);
  }

  /** The next token; null after the last. */
  @Nullable JsonToken next() {
    return checked(parser::nextToken);
  }

  /** The current property name, string, or number as written. */
  String text() {
    return checked(parser::getString);
  }

  /** The current number, which is finite. */
  Json.Number number(String field) {
    String literal = text();
    double value;
    try {
      value = Double.parseDouble(literal);
    } catch (NumberFormatException e) {
      value = Double.NaN; // the parser also lets "INF" pass
    }
    if (!Double.isFinite(value)) {
      throw malformed(
          field,
          Shown.plain(literal),
          "a finite number (Python writes Infinity and NaN, but JSON has no word for them)");
    }
    return new Json.Number(literal, value);
  }

  /** The current value as a size or an offset. */
  long natural(String field, @Nullable JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw malformed(field, described(token), "an integer from 0 to 2^63 - 1");
    }
    String literal = text();
    try {
      long value = Long.parseLong(literal);
      if (value >= 0 && !literal.startsWith("-")) {
        return value;
      }
    } catch (NumberFormatException e) {
      // More digits than a long holds: refused below like any other value out of range.
    }
    throw malformed(field, Shown.plain(literal), "an integer from 0 to 2^63 - 1");
  }

  /** A token for a message. */
  String described(@Nullable JsonToken token) {
    return switch (token) {
      case null -> "the end of the text";
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING, PROPERTY_NAME -> Shown.quoted(text());
      default -> Shown.plain(text());
    };
  }

  MalformedFileException malformed(String field, String found, String allowed) {
    return new MalformedFileException(origin, field, found, allowed);
  }

  private <T extends @Nullable Object> T checked(Supplier<T> read) {
    try {
      return read.get();
    } catch (JacksonException e) {
      TokenStreamLocation told = e.getLocation();
      TokenStreamLocation at =
          told != null && told.getLineNr() > 0 ? told : parser.currentLocation();
      throw new MalformedFileException(
          origin,
          "line " + at.getLineNr() + ", column " + at.getColumnNr(),
          e.getCause() instanceof CharacterCodingException
              ? "bytes that are not UTF-8"
              : Shown.sentence(e.getOriginalMessage().replaceFirst(PARSERS_ASIDE, "")),
          "JSON (RFC 8259) in UTF-8, within the limits",
          e);
    }
  }

  @Override
  public void close() {
    parser.close();
  }
}
