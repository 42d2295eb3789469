package dev.akvavit.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Python's string methods; every result keeps the origin of its characters. */
final class TextMethods {
  private TextMethods() {}

  static Value call(int line, Text text, String name, Given given, Fuel fuel) {
    fuel.text(line, text.length());
    return switch (name) {
      case "strip" -> Strings.strip(text, given.textOrNull(0, "chars"), true, true);
      case "lstrip" -> Strings.strip(text, given.textOrNull(0, "chars"), true, false);
      case "rstrip" -> Strings.strip(text, given.textOrNull(0, "chars"), false, true);
      case "upper" -> upper(text);
      case "lower" -> lower(text);
      case "title" -> title(text);
      case "capitalize" -> capitalize(text);
      case "split" -> split(line, text, given, fuel);
      case "splitlines" -> lines(text);
      case "startswith" -> Value.flag(anyAffix(given, text, true));
      case "endswith" -> Value.flag(anyAffix(given, text, false));
      case "removeprefix" -> {
        String prefix = given.text(0, "prefix").string();
        boolean has = text.string().startsWith(prefix);
        yield has ? text.slice(prefix.length(), text.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = given.text(0, "suffix").string();
        boolean has = text.string().endsWith(suffix);
        yield has ? text.slice(0, text.length() - suffix.length()) : text;
      }
      case "replace" -> replace(line, text, given, fuel);
      case "join" -> join(line, given.want(0, "iterable"), text, fuel);
      case "find" -> {
        Text part = given.text(0, "sub");
        Operators.search(line, text, part, fuel);
        int at = text.string().indexOf(part.string());
        yield new Value.Whole(at < 0 ? -1 : text.string().codePointCount(0, at));
      }
      case "count" -> new Value.Whole(places(line, text, given.text(0, "sub"), -1, fuel).size());
      case "isdigit" ->
          Value.flag(!text.isEmpty() && text.string().chars().allMatch(Character::isDigit));
      case "isalpha" ->
          Value.flag(!text.isEmpty() && text.string().chars().allMatch(Character::isLetter));
      case "isspace" ->
          Value.flag(
              !text.isEmpty() && text.string().chars().allMatch(c -> Strings.space((char) c)));
      default -> throw new TemplateException(line, "a text has no method \"" + name + "\"");
    };
  }

  static Text upper(Text text) {
    return text.map(run -> run.toUpperCase(Locale.ROOT));
  }

  static Text lower(Text text) {
    return text.map(run -> run.toLowerCase(Locale.ROOT));
  }

  static Text capitalize(Text text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = Character.charCount(text.string().codePointAt(0));
    return new Text.Builder()
        .append(upper(text.slice(0, first)))
        .append(lower(text.slice(first, text.length())))
        .text();
  }

  /** Python's method: a word is a run of letters, so {@code don't} becomes {@code Don'T}. */
  static Text title(Text text) {
    return capitalized(text, c -> !Character.isLetter(c));
  }

  /** Jinja's filter of the same name, whose words end at spaces, hyphens and opening brackets. */
  static Text titleFilter(Text text) {
    return capitalized(text, c -> Strings.space((char) c) || "-({[<".indexOf(c) >= 0);
  }

  private static Text capitalized(Text text, IntPredicate between) {
    Text.Builder out = new Text.Builder();
    String string = text.string();
    int from = 0;
    for (int at = 1; at < string.length(); at++) {
      if (between.test(string.charAt(at - 1)) && !between.test(string.charAt(at))) {
        out.append(capitalize(text.slice(from, at)));
        from = at;
      }
    }
    return out.append(capitalize(text.slice(from, string.length()))).text();
  }

  /** A non-overlapping search from the left; at most {@code most} places unless negative. */
  private static List<Integer> places(int line, Text text, Text part, long most, Fuel fuel) {
    if (part.isEmpty()) {
      throw new TemplateException(line, "a search for an empty text");
    }
    Operators.search(line, text, part, fuel);
    List<Integer> places = new ArrayList<>();
    int at = text.string().indexOf(part.string());
    while (at >= 0 && (most < 0 || places.size() < most)) {
      fuel.step(line);
      places.add(at);
      at = text.string().indexOf(part.string(), at + part.length());
    }
    return places;
  }

  private static Value split(int line, Text text, Given given, Fuel fuel) {
    long most = given.whole(1, "maxsplit", -1);
    @Nullable String separator = given.textOrNull(0, "sep");
    if (separator == null) {
      return words(line, text, most, fuel);
    }
    List<Value> parts = new ArrayList<>();
    int from = 0;
    for (int at : places(line, text, Text.template(separator), most, fuel)) {
      parts.add(text.slice(from, at));
      from = at + separator.length();
    }
    parts.add(text.slice(from, text.length()));
    return new Value.Items(parts);
  }

  private static Value words(int line, Text text, long most, Fuel fuel) {
    List<Value> words = new ArrayList<>();
    String string = text.string();
    int at = 0;
    while (true) {
      while (at < string.length() && Strings.space(string.charAt(at))) {
        at++;
      }
      if (at == string.length()) {
        return new Value.Items(words);
      }
      int from = at;
      boolean last = most >= 0 && words.size() >= most;
      while (at < string.length() && (last || !Strings.space(string.charAt(at)))) {
        at++;
      }
      fuel.step(line);
      words.add(text.slice(from, at));
    }
  }

  private static Value lines(Text text) {
    List<Value> lines = new ArrayList<>();
    String string = text.string();
    int from = 0;
    for (int at = 0; at < string.length(); at++) {
      char c = string.charAt(at);
      if (c == '\n' || c == '\r') {
        lines.add(text.slice(from, at));
        at += c == '\r' && at + 1 < string.length() && string.charAt(at + 1) == '\n' ? 1 : 0;
        from = at + 1;
      }
    }
    if (from < string.length()) {
      lines.add(text.slice(from, string.length()));
    }
    return new Value.Items(lines);
  }

  /** {@code startswith} and {@code endswith} take one text or a list of them. */
  private static boolean anyAffix(Given given, Text text, boolean start) {
    Value wanted = given.want(0, "prefix");
    List<Value> affixes = wanted instanceof Value.Items items ? items.values() : List.of(wanted);
    for (Value value : affixes) {
      String affix =
          Values.text(given.line(), value, "what a text is to begin or end with").string();
      if (start ? text.string().startsWith(affix) : text.string().endsWith(affix)) {
        return true;
      }
    }
    return false;
  }

  static Text replace(int line, Text text, Given given, Fuel fuel) {
    Text old = given.text(0, "old");
    Text fresh = given.text(1, "new");
    List<Integer> places = places(line, text, old, given.whole(2, "count", -1), fuel);
    fuel.text(line, text.length() + (long) places.size() * fresh.length());
    Text.Builder out = new Text.Builder();
    int from = 0;
    for (int at : places) {
      out.append(text.slice(from, at)).append(fresh);
      from = at + old.length();
    }
    return out.append(text.slice(from, text.length())).text();
  }

  static Text join(int line, Value values, Text separator, Fuel fuel) {
    Text.Builder out = new Text.Builder();
    boolean first = true;
    for (Value value : Values.elements(line, values, fuel)) {
      if (!first) {
        out.append(separator);
      }
      Text text = ValueWriter.print(value, fuel, line);
      fuel.text(line, text.length() + separator.length());
      out.append(text);
      fuel.fits(line, out.length());
      first = false;
    }
    return out.text();
  }
}
