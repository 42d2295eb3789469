package dev.akvavit.format;

import dev.akvavit.core.Limits;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Function;

/** Ways in which a JSON file of settings can be wrong, whatever it is for. */
enum MalformedJson {
  EMPTY(r -> ""),
  ONLY_WHITE_SPACE(r -> " \n\t\r".repeat(1 + r.nextInt(9))),
  ROOT_AN_ARRAY(r -> "[" + JsonDraft.object(r) + "]"),
  ROOT_A_NUMBER(r -> String.valueOf(r.nextInt())),
  ROOT_A_STRING(r -> "\"" + r.nextInt() + "\""),
  ROOT_NULL(r -> "null"),
  CUT(r -> cut(JsonDraft.object(r), r)),
  SECOND_DOCUMENT(r -> JsonDraft.object(r) + "\n" + JsonDraft.object(r)),
  TEXT_AFTER_THE_END(r -> JsonDraft.object(r) + " x"),
  BRACE_TOO_MANY(r -> JsonDraft.object(r) + "}"),
  BRACKET_CLOSES_OBJECT(r -> JsonDraft.around(r, "{\"a\": 1]")),
  BRACE_CLOSES_ARRAY(r -> JsonDraft.around(r, "[1}")),
  COMMA_TRAILING_IN_OBJECT(r -> JsonDraft.around(r, "{\"a\": 1,}")),
  COMMA_TRAILING_IN_ARRAY(r -> JsonDraft.around(r, "[1,]")),
  COMMA_MISSING(r -> JsonDraft.around(r, "[1 2]")),
  COMMA_TWICE(r -> JsonDraft.around(r, "[1,,2]")),
  COLON_MISSING(r -> JsonDraft.around(r, "{\"a\" 1}")),
  VALUE_MISSING(r -> JsonDraft.around(r, "{\"a\":}")),
  KEY_MISSING(r -> JsonDraft.around(r, "{: 1}")),
  KEY_A_NUMBER(r -> JsonDraft.around(r, "{1: 1}")),
  KEY_WITHOUT_QUOTES(r -> JsonDraft.around(r, "{a: 1}")),
  KEY_TWICE(r -> JsonDraft.around(r, "{\"a\": 1, \"b\": 2, \"a\": 1}")),
  KEY_TWICE_BY_ESCAPE(r -> JsonDraft.around(r, "{\"a\": 1, \"\\u0061\": 1}")),
  KEY_TOO_LONG(r -> JsonDraft.around(r, "{\"" + "k".repeat(600) + "\": 1}")),
  SINGLE_QUOTES(r -> JsonDraft.around(r, "'a'")),
  STRING_UNCLOSED(r -> JsonDraft.object(r).replaceFirst("}$", ", \"z\": \"open}")),
  STRING_WITH_LINE_FEED(r -> JsonDraft.around(r, "\"a\nb\"")),
  STRING_WITH_NUL(r -> JsonDraft.around(r, "\"a\0b\"")),
  STRING_WITH_BAD_ESCAPE(r -> JsonDraft.around(r, "\"\\q\"")),
  STRING_WITH_SHORT_ESCAPE(r -> JsonDraft.around(r, "\"\\u12\"")),
  STRING_TOO_LONG(r -> JsonDraft.around(r, '"' + "s".repeat(3_000) + '"')),
  COMMENT(r -> JsonDraft.around(r, "/* none */ 1")),
  COMMENT_OF_PYTHON(r -> "# settings\n" + JsonDraft.object(r)),
  NOT_A_NUMBER(r -> JsonDraft.around(r, "NaN")),
  INFINITY(r -> JsonDraft.around(r, r.nextBoolean() ? "Infinity" : "-Infinity")),
  INFINITY_ABBREVIATED(r -> JsonDraft.around(r, r.nextBoolean() ? "INF" : "-INF")),
  NUMBER_ABOVE_DOUBLE(r -> JsonDraft.around(r, "1e" + (309 + r.nextInt(1 << 20)))),
  NUMBER_WITH_HUGE_EXPONENT(r -> JsonDraft.around(r, "1e99999999999")),
  NUMBER_OF_MANY_DIGITS(r -> JsonDraft.around(r, "0." + "1".repeat(1_100 + r.nextInt(400)))),
  NUMBER_WITH_LEADING_ZERO(r -> JsonDraft.around(r, "0" + (1 + r.nextInt(9)))),
  NUMBER_WITH_PLUS(r -> JsonDraft.around(r, "+" + r.nextInt(99))),
  NUMBER_HEXADECIMAL(r -> JsonDraft.around(r, "0x1F")),
  NUMBER_ENDS_IN_POINT(r -> JsonDraft.around(r, "1.")),
  NUMBER_BEGINS_WITH_POINT(r -> JsonDraft.around(r, ".5")),
  NUMBER_WITHOUT_EXPONENT(r -> JsonDraft.around(r, "1e")),
  MINUS_ALONE(r -> JsonDraft.around(r, "-")),
  WORD_OF_PYTHON(r -> JsonDraft.around(r, r.nextBoolean() ? "None" : "True")),
  WORD_CUT(r -> JsonDraft.around(r, "tru")),
  NESTED_ARRAYS_TOO_DEEP(r -> JsonDraft.around(r, "[".repeat(65 + r.nextInt(400)))),
  NESTED_OBJECTS_TOO_DEEP(r -> JsonDraft.around(r, "{\"a\":".repeat(65 + r.nextInt(200)))),
  ARRAY_TOO_LONG(r -> JsonDraft.around(r, "[0" + ",0".repeat(1_000) + "]")),
  DOCUMENT_TOO_LONG(r -> JsonDraft.object(r) + " ".repeat(20_000)),
  BYTE_ORDER_MARK(r -> "\uFEFF" + JsonDraft.object(r)),
  UTF_16(StandardCharsets.UTF_16LE, JsonDraft::object),
  LATIN_1(StandardCharsets.ISO_8859_1, r -> JsonDraft.around(r, "\"\u00e6\"")),
  UTF_8_OVERLONG(StandardCharsets.ISO_8859_1, r -> JsonDraft.around(r, "\"\u00c0\u00af\"")),
  UTF_8_SURROGATE(StandardCharsets.ISO_8859_1, r -> JsonDraft.around(r, "\"\u00ed\u00a0\u0080\"")),
  UTF_8_CUT(StandardCharsets.ISO_8859_1, r -> JsonDraft.around(r, "\"\u00e2\u0082\"")),
  UTF_8_CONTINUED(StandardCharsets.ISO_8859_1, r -> JsonDraft.around(r, "\"\u0080\""));

  /** Small enough that a test can exceed each of them. */
  static final Limits LIMITS = new Limits(1 << 16, 500, 2_000, 900, 100, 4, 64, 10_000, 1, 1);

  private final Charset charset;
  private final Function<Random, String> make;

  MalformedJson(Function<Random, String> make) {
    this(StandardCharsets.UTF_8, make);
  }

  MalformedJson(Charset charset, Function<Random, String> make) {
    this.charset = charset;
    this.make = make;
  }

  byte[] make(long seed) {
    return make.apply(new Random(seed)).getBytes(charset);
  }

  private static String cut(String text, Random random) {
    return text.substring(0, random.nextInt(text.length() - 1) + 1);
  }
}
