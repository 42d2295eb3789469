package dev.akvavit.text.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.TokenConstraint;
import dev.akvavit.text.Tokenizer;
import dev.akvavit.text.Vocabularies;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Schemas made to hurt: each is refused with a reason, or compiled within its budget and usable.
 */
class SchemaBombTest {
  private static final int[] SIZES = {2, 7, 30, 63, 64, 200, 1_000, 9_999, 10_000, 60_000};

  private static List<String> bombs() {
    List<String> bombs = new ArrayList<>();
    for (int n : SIZES) {
      int few = Math.min(n, 6_000);
      int some = Math.min(n, 700);
      bombs.add("[".repeat(n));
      bombs.add("{\"items\":".repeat(n) + "true" + "}".repeat(n));
      bombs.add("{\"not\":".repeat(n) + "{}" + "}".repeat(n));
      bombs.add("{\"allOf\":[".repeat(n) + "{}" + "]}".repeat(n));
      bombs.add("{\"anyOf\":[true,".repeat(n) + "{}" + "]}".repeat(n));
      bombs.add("{\"anyOf\":[" + "true,".repeat(few) + "true]}");
      bombs.add("{\"oneOf\":[" + "{\"type\":\"null\"},".repeat(few) + "true]}");
      bombs.add(
          "{\"allOf\":["
              + "{\"anyOf\":[{\"minLength\":1},{\"minLength\":2}]},".repeat(some)
              + "true]}");
      bombs.add("{\"type\":\"string\",\"minLength\":" + n + "}");
      bombs.add(
          "{\"type\":\"array\",\"minItems\":"
              + n
              + ",\"items\":{\"type\":\"array\",\"minItems\":"
              + n
              + "}}");
      bombs.add(
          "{\"type\":\"string\",\"pattern\":\"" + "(".repeat(few) + "a" + ")".repeat(few) + "\"}");
      bombs.add("{\"type\":\"string\",\"pattern\":\"" + "(a*)*".repeat(few) + "\"}");
      bombs.add("{\"type\":\"string\",\"pattern\":\"" + "a?".repeat(few) + "a".repeat(few) + "\"}");
      bombs.add("{\"type\":\"string\",\"pattern\":\"(a{1," + n + "}){1," + n + "}\"}");
      bombs.add("{\"type\":\"string\",\"pattern\":\"((((a{9}){9}){9}){9}){" + n + "}\"}");
      bombs.add("{\"type\":\"string\",\"pattern\":\"(a|b)*a(a|b){" + n + "}\"}");
      bombs.add("{\"type\":\"string\",\"pattern\":\"" + "|".repeat(few) + "\"}");
      bombs.add(
          "{\"type\":\"string\",\"pattern\":\"["
              + "\\\\u4e00-\\\\u4e05".repeat(some)
              + "]{1,99}\"}");
      bombs.add(
          "{\"type\":\"string\",\"pattern\":\"x*\",\"maxLength\":" + Math.min(n, 10_000) + "}");
      bombs.add(
          "{\"type\":\"string\",\"pattern\":\""
              + "a*".repeat(some)
              + "\",\"minLength\":"
              + some
              + "}");
      bombs.add("{\"enum\":[" + "\"\",".repeat(few) + "0]}");
      bombs.add("{\"enum\":[\"" + "x".repeat(n) + "\"]}");
      bombs.add(
          "{\"const\":" + "[".repeat(Math.min(n, 5_000)) + "]".repeat(Math.min(n, 5_000)) + "}");
      bombs.add("{\"type\":\"integer\",\"maximum\":1" + "0".repeat(n) + "}");
      bombs.add("{\"type\":\"number\",\"minimum\":1e-" + n + ",\"maximum\":1e" + n + "}");
      bombs.add("{\"enum\":[1e" + n + "99999999],\"minimum\":1e-" + n + "}");
      bombs.add(chain(some));
      bombs.add(doubling(Math.min(n, 60)));
      bombs.add(properties(some, "{\"$ref\":\"#\"}"));
      bombs.add(properties(some, "{\"type\":\"number\",\"minimum\":0.1}"));
      bombs.add("{\"prefixItems\":[" + "{\"$ref\":\"#\"},".repeat(few) + "true]}");
      bombs.add("{\"" + "\\u0000".repeat(some) + "\":1}");
    }
    return bombs;
  }

  private static String chain(int n) {
    StringBuilder out = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < n; i++) {
      out.append("\"d" + i + "\":{\"$ref\":\"#/$defs/d" + (i + 1) % n + "\"},");
    }
    return out.append("\"z\":true}}").toString();
  }

  /** Each definition is two of the next: 2 to the power of n when written out. */
  private static String doubling(int n) {
    StringBuilder out = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < n; i++) {
      String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
      out.append(
          "\"d"
              + i
              + "\":{\"type\":\"object\",\"allOf\":["
              + next
              + ","
              + next
              + "],\"anyOf\":["
              + next
              + ","
              + next
              + "]},");
    }
    return out.append("\"d" + n + "\":true}}").toString();
  }

  private static String properties(int n, String schema) {
    List<String> members = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      members.add("\"p" + i + "\":" + schema);
    }
    return "{\"type\":\"object\",\"properties\":{" + String.join(",", members) + "}}";
  }

  @Test
  @Timeout(value = 300, unit = TimeUnit.SECONDS) // a hang, not a measurement
  void refusedOrCompiledAndUsable() {
    Tokenizer tokenizer = Vocabularies.byteLevel();
    StructuredOutput output = StructuredOutput.of(tokenizer, 8 << 20);
    int end = tokenizer.id("<|end|>");
    int refused = 0;
    int compiled = 0;
    long slowest = 0;
    String worst = "";
    for (String bomb : bombs()) {
      JsonSchema schema;
      long start = System.nanoTime();
      try {
        schema = output.schema(bomb);
      } catch (SchemaException e) {
        assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(600);
        refused++;
        continue;
      } finally {
        long took = System.nanoTime() - start;
        if (took > slowest) {
          slowest = took;
          worst = bomb.substring(0, Math.min(80, bomb.length())).replaceAll("[^ -~]", "?");
        }
      }
      compiled++;
      assertThat(schema.states()).isLessThanOrEqualTo(SchemaLimits.DEFAULT.states());
      TokenConstraint constraint = output.constraint(schema, Set.of(end));
      for (int step = 0; step < 8; step++) {
        List<Integer> allowed = Writer.allowed(constraint, tokenizer.vocabularySize());
        assertThat(allowed).as(bomb.substring(0, Math.min(80, bomb.length()))).isNotEmpty();
        if (allowed.getLast() == end) {
          break;
        }
        constraint.accept(allowed.get(allowed.size() / 2));
      }
    }
    System.out.printf(
        "slowest of %d schemas (%d compiled): %d ms, %s%n",
        refused + compiled, compiled, slowest / 1_000_000, worst);
    assertThat(refused + compiled).isGreaterThanOrEqualTo(300);
    assertThat(refused).isGreaterThan(100);
    assertThat(compiled).isGreaterThan(60);
  }
}
