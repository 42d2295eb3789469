package dev.akvavit.format;

import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Ways in which well-formed settings can be wrong under the key {@code it}, and the question that
 * finds out.
 */
enum MalformedConfig {
  INTEGER_ABSENT(MalformedConfig::none, c -> c.integer("it")),
  INTEGER_NULL(it("null"), c -> c.integer("it")),
  INTEGER_A_STRING(it("\"32\""), c -> c.integer("it")),
  INTEGER_A_FLAG(it("true"), c -> c.integer("it")),
  INTEGER_A_LIST(it("[32]"), c -> c.integer("it")),
  INTEGER_A_SECTION(it("{}"), c -> c.integer("it")),
  INTEGER_WITH_A_FRACTION(r -> it(r, r.nextInt(99) + ".5"), c -> c.integer("it")),
  INTEGER_TINY(it("1e-300"), c -> c.integer("it")),
  INTEGER_ABOVE_INT(r -> it(r, "" + (2147483648L + r.nextInt(1 << 30))), c -> c.integer("it")),
  INTEGER_BELOW_INT(r -> it(r, "" + (-2147483649L - r.nextInt(1 << 30))), c -> c.integer("it")),
  INTEGER_ABOVE_LONG(it("9223372036854775808"), c -> c.integer("it")),
  INTEGER_WRAPS_TO_ZERO(it("4294967296"), c -> c.integer("it", 1)),
  INTEGER_LARGE_AS_NUMBER(it("1e30"), c -> c.integer("it", 1)),
  INTEGER_GIVEN_AS_STRING(it("\"\""), c -> c.integer("it", 1)),
  NUMBER_ABSENT(MalformedConfig::none, c -> c.number("it")),
  NUMBER_NULL(it("null"), c -> c.number("it")),
  NUMBER_A_STRING(it("\"1e-5\""), c -> c.number("it")),
  NUMBER_A_FLAG(it("false"), c -> c.number("it", 1)),
  NUMBER_A_LIST(it("[1.0]"), c -> c.number("it", 1)),
  NUMBER_A_SECTION(it("{\"a\": 1}"), c -> c.number("it", 1)),
  FLAG_A_NUMBER(it("1"), c -> c.flag("it", false)),
  FLAG_A_STRING(it("\"true\""), c -> c.flag("it", false)),
  FLAG_A_LIST(it("[true]"), c -> c.flag("it", false)),
  FLAG_A_SECTION(it("{}"), c -> c.flag("it", false)),
  TEXT_ABSENT(MalformedConfig::none, c -> c.text("it")),
  TEXT_NULL(it("null"), c -> c.text("it")),
  TEXT_A_NUMBER(r -> it(r, "" + r.nextInt()), c -> c.text("it")),
  TEXT_A_FLAG(it("true"), c -> c.text("it", "x")),
  TEXT_A_LIST(it("[\"a\"]"), c -> c.text("it", "x")),
  TEXT_A_SECTION(it("{\"text\": \"a\"}"), c -> c.text("it", "x")),
  TEXTS_A_NUMBER(it("7"), c -> c.texts("it")),
  TEXTS_WITH_A_NUMBER(it("[\"a\", 7]"), c -> c.texts("it")),
  TEXTS_WITH_NULL(it("[null]"), c -> c.texts("it")),
  TEXTS_NESTED(it("[[\"a\"]]"), c -> c.texts("it")),
  INTEGERS_A_STRING(it("\"7\""), c -> c.integers("it")),
  INTEGERS_WITH_A_FRACTION(it("[1, 1.5]"), c -> c.integers("it")),
  INTEGERS_WITH_NULL(it("[1, null]"), c -> c.integers("it")),
  INTEGERS_WITH_ONE_ABOVE_INT(it("[1, 3000000000]"), c -> c.integers("it")),
  SECTION_ABSENT(MalformedConfig::none, c -> c.section("it")),
  SECTION_NULL(it("null"), c -> c.section("it")),
  SECTION_A_LIST(it("[{}]"), c -> c.section("it")),
  SECTION_A_STRING(it("\"yarn\""), c -> c.section("it")),
  SECTION_WITHOUT_ITS_KEY(it("{\"b\": 1}"), c -> c.section("it").integer("it")),
  SECTION_WITH_WRONG_VALUE(
      it("{\"it\": {\"it\": []}}"), c -> c.section("it").section("it").number("it"));

  private final Function<Random, String> make;
  final Consumer<JsonConfig> question;

  MalformedConfig(Function<Random, String> make, Consumer<JsonConfig> question) {
    this.make = make;
    this.question = question;
  }

  String make(long seed) {
    return make.apply(new Random(seed));
  }

  private static Function<Random, String> it(String value) {
    return random -> it(random, value);
  }

  private static String it(Random random, String value) {
    return JsonDraft.object(random, "\"it\": " + value);
  }

  private static String none(Random random) {
    return JsonDraft.object(random);
  }
}
