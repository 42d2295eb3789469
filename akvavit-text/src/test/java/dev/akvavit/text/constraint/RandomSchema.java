package dev.akvavit.text.constraint;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Draws schemas out of all that is enforced. */
final class RandomSchema {
  private static final List<String> PATTERNS =
      List.of(
          "^[a-z]{2,5}$",
          "^(foo|bar)+$",
          "[0-9]",
          "^\\\\d{3}-\\\\d{2}$",
          "^a.c",
          "b$",
          "^[^x]*$",
          "^(\\\\w+ ?){1,3}$",
          "é|世",
          "^\\\\S+@\\\\S+$",
          "^x?y*z+$|^$",
          "^[\\\\x22\\\\\\\\]{1,4}$");
  private static final List<String> NAMES =
      List.of("a", "b", "name", "na", "é", "quote\\\"d", "x y", "世界", "id", "");

  private final SplittableRandom random;

  RandomSchema(SplittableRandom random) {
    this.random = random;
  }

  String next() {
    List<String> defs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      defs.add("\"d" + i + "\":" + schema(2));
    }
    String body = schema(0);
    return body.equals("true")
        ? body
        : "{\"$defs\":{" + String.join(",", defs) + "},\"allOf\":[" + body + "]}";
  }

  private String schema(int depth) {
    return switch (random.nextInt(depth > 3 ? 8 : 16)) {
      case 0 -> "{\"type\":\"boolean\"}";
      case 1 -> one("{\"type\":\"null\"}", "{\"type\":[\"null\",\"string\"]}", "true");
      case 2, 3 -> text();
      case 4 -> "{\"type\":\"integer\"" + bounds(1) + "}";
      case 5 -> "{\"type\":\"number\"" + bounds(0.125) + "}";
      case 6 ->
          one(
              "{\"enum\":[\"a\",\"ab\",1,1.5,null,true,[1,{\"k\":\"\\\\\"}]]}",
              "{\"const\":{\"x\":[],\"y\":\"é\"}}",
              "{\"enum\":[1,2,30,31],\"minimum\":2,\"type\":\"integer\"}");
      case 7 -> "{\"$ref\":\"#/$defs/d" + random.nextInt(3) + "\"}";
      case 8, 9, 10 -> object(depth);
      case 11, 12 -> array(depth);
      case 13 ->
          "{\"anyOf\":[" + schema(depth + 1) + "," + schema(depth + 1) + ",{\"type\":\"null\"}]}";
      case 14 -> "{\"allOf\":[" + object(depth) + "," + object(depth) + "],\"type\":\"object\"}";
      default -> oneOf(depth);
    };
  }

  private String oneOf(int depth) {
    if (random.nextBoolean()) {
      return "{\"oneOf\":[" + text() + "," + array(depth + 1) + ",{\"type\":\"boolean\"}]}";
    }
    List<String> options = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      options.add(
          "{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"k"
              + i
              + "\"},\"v\":"
              + schema(depth + 1)
              + "},\"required\":[\"kind\"]}");
    }
    return "{\"oneOf\":[" + String.join(",", options) + "]}";
  }

  private String text() {
    StringBuilder out = new StringBuilder("{\"type\":\"string\"");
    int kind = random.nextInt(5);
    if (kind == 0) {
      out.append(",\"format\":\"").append(one("date", "time", "date-time", "uuid", "ipv4"));
      return out.append("\"}").toString();
    }
    if (kind == 1) {
      out.append(",\"pattern\":\"").append(PATTERNS.get(random.nextInt(PATTERNS.size())));
      out.append('"');
    }
    int least = random.nextInt(4);
    if (random.nextBoolean()) {
      out.append(",\"minLength\":").append(least);
    }
    if (random.nextBoolean()) {
      out.append(",\"maxLength\":").append(least + random.nextInt(12));
    }
    return out.append('}').toString();
  }

  private String bounds(double unit) {
    double low = unit * random.nextInt(-300, 300);
    double high = low + unit * random.nextInt(2, 1000);
    StringBuilder out = new StringBuilder();
    if (random.nextBoolean()) {
      out.append(one(",\"minimum\":", ",\"exclusiveMinimum\":")).append(low);
    }
    if (random.nextBoolean()) {
      out.append(one(",\"maximum\":", ",\"exclusiveMaximum\":")).append(high);
    }
    return out.toString();
  }

  private String array(int depth) {
    StringBuilder out = new StringBuilder("{\"type\":\"array\"");
    int prefix = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
    List<String> first = new ArrayList<>();
    for (int i = 0; i < prefix; i++) {
      first.add(schema(depth + 1));
    }
    if (prefix > 0) {
      out.append(",\"prefixItems\":[").append(String.join(",", first)).append(']');
    }
    if (random.nextInt(4) > 0) {
      out.append(",\"items\":").append(random.nextInt(6) == 0 ? "false" : schema(depth + 1));
    }
    int least = random.nextInt(3);
    if (random.nextBoolean()) {
      out.append(",\"minItems\":").append(least);
    }
    if (random.nextBoolean()) {
      out.append(",\"maxItems\":").append(least + random.nextInt(4));
    }
    return out.append('}').toString();
  }

  private String object(int depth) {
    List<String> names = new ArrayList<>();
    List<String> members = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      if (!names.contains(name)) {
        names.add(name);
        members.add("\"" + name + "\":" + schema(depth + 1));
      }
    }
    names.removeIf(name -> random.nextBoolean());
    StringBuilder out = new StringBuilder("{\"type\":\"object\",\"properties\":{");
    out.append(String.join(",", members)).append("},\"required\":[");
    out.append(String.join(",", names.stream().map(name -> "\"" + name + "\"").toList()));
    out.append(']');
    int additional = random.nextInt(4);
    if (additional < 3) {
      out.append(",\"additionalProperties\":");
      out.append(additional == 0 ? "false" : additional == 1 ? "true" : schema(depth + 1));
    }
    return out.append('}').toString();
  }

  private String one(String... options) {
    return options[random.nextInt(options.length)];
  }
}
