package dev.akvavit.text.template;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * Spells values as text: as JSON the way Hugging Face's {@code tojson} does ({@code ", "} and
 * {@code ": "} between, no escapes for HTML or beyond ASCII), or as Python prints them.
 */
final class ValueWriter {
  private final Fuel fuel;
  private final int line;
  private final boolean json;
  private final int indent;
  private final Text.Builder out = new Text.Builder();

  private ValueWriter(Fuel fuel, int line, boolean json, int indent) {
    this.fuel = fuel;
    this.line = line;
    this.json = json;
    this.indent = indent;
  }

  /**
   * JSON.
   *
   * @param indent spaces a level, or negative for one line
   */
  static Text json(Value value, int indent, Fuel fuel, int line) {
    ValueWriter writer = new ValueWriter(fuel, line, true, indent);
    writer.write(value, 0);
    return writer.out.text();
  }

  /** What <code>{{ value }}</code> and the filter {@code string} make of it. */
  static Text print(Value value, Fuel fuel, int line) {
    if (value instanceof Text text) {
      return text;
    }
    if (value instanceof Value.Undefined) {
      return Text.EMPTY;
    }
    ValueWriter writer = new ValueWriter(fuel, line, false, -1);
    writer.write(value, 0);
    return writer.out.text();
  }

  private void write(Value value, int depth) {
    if (depth > Fuel.DEPTH) {
      throw new TemplateException(line, "a value nested deeper than " + Fuel.DEPTH);
    }
    fuel.step(line);
    switch (value) {
      case Text text -> quote(text);
      case Value.Whole number -> plain(Long.toString(number.value()));
      case Value.Real number -> plain(real(number.value()));
      case Value.Flag flag ->
          plain(json ? String.valueOf(flag.value()) : flag.value() ? "True" : "False");
      case Value.None _ -> plain(json ? "null" : "None");
      case Value.Items items -> items(items.values(), depth);
      case Value.Fields fields -> fields(fields, depth);
      case Value.Namespace _, Value.Undefined _, Value.Macro _ ->
          throw new TemplateException(line, Values.kind(value) + " cannot be written out");
    }
    fuel.fits(line, out.length());
  }

  private void items(List<Value> values, int depth) {
    plain("[");
    boolean first = true;
    for (Value value : values) {
      between(first, depth + 1);
      write(value, depth + 1);
      first = false;
    }
    close("]", first, depth);
  }

  private void fields(Value.Fields fields, int depth) {
    plain("{");
    boolean first = true;
    for (Map.Entry<String, Value> entry : fields.values().entrySet()) {
      between(first, depth + 1);
      quote(fields.key(entry.getKey()));
      plain(": ");
      write(entry.getValue(), depth + 1);
      first = false;
    }
    close("}", first, depth);
  }

  private void between(boolean first, int depth) {
    if (indent < 0) {
      plain(first ? "" : ", ");
    } else {
      plain(first ? "\n" : ",\n");
      plain(" ".repeat(Math.min(indent, 16) * depth));
    }
  }

  private void close(String bracket, boolean empty, int depth) {
    if (indent >= 0 && !empty) {
      plain("\n" + " ".repeat(Math.min(indent, 16) * depth));
    }
    plain(bracket);
  }

  private void quote(Text text) {
    fuel.text(line, text.length());
    if (json) {
      plain("\"");
      out.append(text.map(ValueWriter::escaped));
      plain("\"");
      return;
    }
    boolean both = text.string().indexOf('\'') >= 0 && text.string().indexOf('"') < 0;
    String mark = both ? "\"" : "'";
    plain(mark);
    out.append(text.map(run -> pythonEscaped(run, mark.charAt(0))));
    plain(mark);
  }

  private void plain(String text) {
    out.append(text, false);
  }

  private static String escaped(String run) {
    StringBuilder escaped = new StringBuilder(run.length() + 8);
    for (int i = 0; i < run.length(); i++) {
      char c = run.charAt(i);
      switch (c) {
        case '"' -> escaped.append("\\\"");
        case '\\' -> escaped.append("\\\\");
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        case '\b' -> escaped.append("\\b");
        case '\f' -> escaped.append("\\f");
        default -> {
          if (c < ' ') {
            escaped.append("\\u%04x".formatted((int) c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }

  private static String pythonEscaped(String run, char mark) {
    StringBuilder escaped = new StringBuilder(run.length() + 8);
    for (int i = 0; i < run.length(); i++) {
      char c = run.charAt(i);
      switch (c) {
        case '\\' -> escaped.append("\\\\");
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> {
          if (c == mark) {
            escaped.append('\\').append(c);
          } else if (c < ' ' || c == 0x7F) {
            escaped.append("\\x%02x".formatted((int) c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    return escaped.toString();
  }

  /** Python's shortest form: {@code 1.0}, {@code 0.0001}, {@code 1e-05}, {@code 1e+16}. */
  private static String real(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }
    double size = Math.abs(value);
    if (size == 0 || size >= 1e-4 && size < 1e16) {
      String text = new BigDecimal(Double.toString(value)).toPlainString();
      return text.indexOf('.') < 0 ? text + ".0" : text;
    }
    String[] parts = Double.toString(value).split("E", 2);
    String mantissa =
        parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
    int exponent = Integer.parseInt(parts[1]);
    return mantissa + "e" + (exponent < 0 ? "-" : "+") + "%02d".formatted(Math.abs(exponent));
  }
}
