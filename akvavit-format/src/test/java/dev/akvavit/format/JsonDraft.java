package dev.akvavit.format;

import java.util.Random;

/** Random JSON text, some of it nested, to hide a bad piece in. */
final class JsonDraft {
  private JsonDraft() {}

  /** An object of several members; keys are unique. */
  static String object(Random random) {
    return object(random, "\"last\": null");
  }

  /** An object with {@code member} somewhere among its members. */
  static String object(Random random, String member) {
    int count = 2 + random.nextInt(5);
    int at = random.nextInt(count);
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < count; i++) {
      String other = "\"key_" + i + "\": " + value(random, 2);
      text.append(i == 0 ? "" : ", ").append(i == at ? member + ", " + other : other);
    }
    return text.append("}").toString();
  }

  /** An object in which {@code bad} stands for a value, up to three levels down. */
  static String around(Random random, String bad) {
    String value = bad;
    for (int depth = random.nextInt(3); depth > 0; depth--) {
      value =
          random.nextBoolean() ? object(random, "\"bad\": " + value) : "[1, " + value + ", \"x\"]";
    }
    return object(random, "\"bad\": " + value);
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> String.valueOf(random.nextInt());
      case 1 -> String.valueOf(random.nextDouble());
      case 2 -> "\"text \\u00e6 \\\" " + random.nextInt(100) + "\"";
      case 3 -> random.nextBoolean() ? "true" : "false";
      case 4 -> "null";
      case 5 -> "-1.5e-" + random.nextInt(300);
      case 6 -> "[" + value(random, depth - 1) + ", " + value(random, depth - 1) + "]";
      default ->
          "{\"a\": " + value(random, depth - 1) + ", \"b\": " + value(random, depth - 1) + "}";
    };
  }
}
