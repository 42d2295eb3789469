package dev.akvavit.cli;

import dev.akvavit.core.CacheTypes;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/**
 * Records as JSON, their components in order as the keys: what a report says to people and to
 * programs is one value. NaN and infinities become null, for JSON has none.
 */
final class RecordJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private RecordJson() {}

  /** Indented, for people read it too. */
  static String of(Record report) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(indented(), text)) {
      write(json, report);
    }
    return text.toString();
  }

  /** One line: what happened, and the facts of it. */
  static String line(String event, Map<String, Object> facts) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("event", event);
      all.putAll(new TreeMap<>(facts));
      write(json, all);
    }
    return text.toString();
  }

  private static ObjectWriteContext indented() {
    return new ObjectWriteContext.Base() {
      private final PrettyPrinter printer = new DefaultPrettyPrinter();

      @Override
      public PrettyPrinter getPrettyPrinter() {
        return printer;
      }

      @Override
      public boolean hasPrettyPrinter() {
        return true;
      }
    };
  }

  private static void write(JsonGenerator json, @Nullable Object value) {
    switch (value) {
      case null -> json.writeNull();
      case CacheTypes t -> json.writeString(t.toString());
      case Record r -> writeRecord(json, r);
      case Map<?, ?> m -> {
        json.writeStartObject();
        m.forEach((key, v) -> {
          json.writeName(String.valueOf(key));
          write(json, v);
        });
        json.writeEndObject();
      }
      case Collection<?> c -> {
        json.writeStartArray();
        c.forEach(v -> write(json, v));
        json.writeEndArray();
      }
      case Boolean b -> json.writeBoolean(b);
      case Integer i -> json.writeNumber(i);
      case Long l -> json.writeNumber(l);
      case Float f when Float.isFinite(f) -> json.writeNumber(f);
      case Double d when Double.isFinite(d) -> json.writeNumber(d);
      case Number n -> json.writeNull();
      default -> json.writeString(value.toString());
    }
  }

  private static void writeRecord(JsonGenerator json, Record record) {
    json.writeStartObject();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      json.writeName(component.getName());
      try {
        write(json, component.getAccessor().invoke(record));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException(
            record.getClass() + "." + component.getName() + " cannot be read", e);
      }
    }
    json.writeEndObject();
  }
}
