package dev.akvavit.text.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** The functions a template may call by name. */
record Functions(Clock clock) {
  Value call(String name, Given given, Fuel fuel) {
    return switch (name) {
      case "range" -> range(given, fuel);
      case "namespace" -> {
        LinkedHashMap<String, Value> values = new LinkedHashMap<>();
        if (given.get(0, "from") instanceof Value.Fields fields) {
          values.putAll(fields.values());
        }
        values.putAll(given.named());
        yield new Value.Namespace(values);
      }
      case "dict" -> new Value.Fields(new LinkedHashMap<>(given.named()), false);
      case "raise_exception" ->
          throw new TemplateException(given.line(), given.text(0, "message").string());
      case "strftime_now" -> Text.template(now(given.line(), given.text(0, "format").string()));
      default ->
          throw new TemplateException(given.line(), "the function \"" + name + "\" is not known");
    };
  }

  private static Value range(Given given, Fuel fuel) {
    boolean one = given.values().size() == 1;
    long from = one ? 0 : given.whole(0, "start", 0);
    long to = given.whole(one ? 0 : 1, "stop", 0);
    long step = given.whole(2, "step", 1);
    if (step == 0) {
      throw new TemplateException(given.line(), "a range with step 0");
    }
    List<Value> values = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i = Math.addExact(i, step)) {
      if (values.size() >= Fuel.RANGE) {
        throw new TemplateException(given.line(), "a range of more than " + Fuel.RANGE);
      }
      fuel.step(given.line());
      values.add(new Value.Whole(i));
    }
    return new Value.Items(values);
  }

  private String now(int line, String format) {
    ZonedDateTime now = ZonedDateTime.now(clock);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c == '%' && i + 1 < format.length()) {
        out.append(field(line, format.charAt(++i), now));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String field(int line, char field, ZonedDateTime now) {
    String pattern =
        switch (field) {
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'm' -> "MM";
          case 'd' -> "dd";
          case 'B' -> "MMMM";
          case 'b' -> "MMM";
          case 'A' -> "EEEE";
          case 'a' -> "EEE";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'p' -> "a";
          case 'j' -> "DDD";
          case 'Z' -> "zzz";
          case '%' -> "'%'";
          default ->
              throw new TemplateException(line, "the date field %" + field + " is not known");
        };
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(now);
  }
}
