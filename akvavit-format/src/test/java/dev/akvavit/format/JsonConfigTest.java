package dev.akvavit.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonConfigTest {
  private static final String TEXT =
      """
      {"layers": 61, "float_layers": 61.0, "eps": 1e-6, "theta": 10000000, "tied": true,
       "act": "silu", "none": null, "ids": [1, 2], "one_id": 3, "names": ["a", "b"], "one": "a",
       "rope": {"type": "yarn", "factor": 40, "inner": {"x": 1}}, "max": 2147483647,
       "min": -2147483648, "length": 1000000000000000019884624838656}
      """;

  private final JsonConfig config = JsonConfig.parse(TEXT, "config.json", Limits.DEFAULT);

  @Test
  void valuesAreReadAsTheirType() {
    assertThat(config.integer("layers")).isEqualTo(61);
    assertThat(config.integer("float_layers")).isEqualTo(61);
    assertThat(config.integer("max")).isEqualTo(Integer.MAX_VALUE);
    assertThat(config.integer("min")).isEqualTo(Integer.MIN_VALUE);
    assertThat(config.number("eps")).isEqualTo(1e-6);
    assertThat(config.number("theta")).isEqualTo(1e7);
    assertThat(config.number("length")).isEqualTo(1e30);
    assertThat(config.flag("tied", false)).isTrue();
    assertThat(config.text("act")).isEqualTo("silu");
    assertThat(config.integers("ids")).containsExactly(1, 2);
    assertThat(config.integers("one_id")).containsExactly(3);
    assertThat(config.texts("names")).containsExactly("a", "b");
    assertThat(config.texts("one")).containsExactly("a");
    assertThat(config.section("rope").section("inner").integer("x")).isEqualTo(1);
    assertThat(config.unread()).containsExactly("none");
    assertThat(config.origin()).isEqualTo("config.json");
  }

  @Test
  void aFileThatEndsTooEarlySaysWhere() {
    assertThatThrownBy(() -> JsonConfig.parse("{\n \"layers\": 6,", "config.json", Limits.DEFAULT))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith("config.json: line 2, column ")
        .hasMessageContaining("Unexpected end-of-input")
        .hasMessageNotContaining("REDACTED");
  }

  @Test
  void absentAndNullGiveTheFallback() {
    for (String key : new String[] {"none", "absent"}) {
      assertThat(config.has(key)).isFalse();
      assertThat(config.integer(key, 7)).isEqualTo(7);
      assertThat(config.number(key, 0.5)).isEqualTo(0.5);
      assertThat(config.flag(key, true)).isTrue();
      assertThat(config.text(key, "x")).isEqualTo("x");
      assertThat(config.texts(key)).isEmpty();
      assertThat(config.integers(key)).isEmpty();
      assertThat(config.neutral(key)).isTrue();
    }
    assertThat(config.raw("none")).isEqualTo("null");
    assertThat(config.raw("absent")).isEqualTo("absent");
  }

  @Test
  void lookingIsNotReading() {
    int all = config.unread().size();
    assertThat(config.has("layers")).isTrue();
    assertThat(config.raw("rope"))
        .isEqualTo("{\"type\": \"yarn\", \"factor\": 40, \"inner\": {\"x\": 1}}");
    assertThat(config.neutral("layers")).isFalse();
    assertThat(config.unread()).hasSize(all).first().isEqualTo("layers");
    config.section("rope");
    assertThat(config.unread()).hasSize(all - 1).doesNotContain("rope");
  }

  @Test
  void aSectionKeepsAnAccountOfItsOwn() {
    JsonConfig rope = config.section("rope");
    rope.text("type");
    assertThat(rope.unread()).containsExactly("factor", "inner");
    assertThatThrownBy(() -> rope.section("inner").text("x"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessage("config.json: rope.inner.x: found 1, allowed: a string");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "false", "0", "1", "0.0", "1.0", "-0", "\"\"", "[]", "{}"})
  void neutralValuesChangeNothing(String value) {
    assertThat(of(value).neutral("x")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "2", "0.5", "-1", "\"0\"", "[0]", "{\"a\": null}"})
  void otherValuesDo(String value) {
    assertThat(of(value).neutral("x")).isFalse();
  }

  @Test
  void errorsSayWhere() {
    assertThatThrownBy(() -> of("{\"a\": [1, {\"b\": -Infinity}]}"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith("f: x.a[1].b: found -Infinity, allowed: a finite number");
    assertThatThrownBy(() -> of("{\"a\": 1, \"a\": 2}"))
        .hasMessage("f: x.a: found the key twice, allowed: each key once");
    assertThatThrownBy(() -> of("{'a': 1}")).hasMessageContaining("f: line 1, column 8: found");
    assertThatThrownBy(() -> of("\"\\u001b\"").integer("x"))
        .hasMessage("f: x: found \"\\u001b\", allowed: an integer from -2^31 to 2^31 - 1");
  }

  @Test
  void depthIsBoundedWithoutTheThreadsStack() {
    int depth = Limits.DEFAULT.jsonDepth() - 1; // the object around it is one level
    assertThat(of("[".repeat(depth) + "]".repeat(depth)).has("x")).isTrue();
    assertThatThrownBy(() -> of("[".repeat(depth + 1) + "]".repeat(depth + 1)))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("64");
  }

  @Test
  void filesAreMeasuredBeforeTheyAreRead(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{}" + " ".repeat(20_000));
    assertThatThrownBy(() -> JsonConfig.read(file, MalformedJson.LIMITS))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("length: found 20002 bytes, allowed: at most 10000");
    assertThatThrownBy(() -> JsonConfig.read(folder, Limits.DEFAULT))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("a readable JSON file");
  }

  private static JsonConfig of(String value) {
    return JsonConfig.parse("{\"x\": " + value + "}", "f", Limits.DEFAULT);
  }
}
