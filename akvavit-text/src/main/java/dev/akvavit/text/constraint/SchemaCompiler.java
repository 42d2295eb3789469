package dev.akvavit.text.constraint;

import dev.akvavit.text.constraint.Keywords.Range;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a schema into an {@link Automaton}: one rule for each schema, compiled from a queue, so
 * that neither depth nor recursion of the schema reaches our own stack.
 */
final class SchemaCompiler {
  /** Schemas that must all hold, and the rule for them. */
  private record Task(int rule, List<SchemaNode> all) {}

  private record Text(Range length, Set<String> patterns) {}

  private record Number(Bounds bounds, boolean integer) {}

  private final AutomatonBuilder builder;
  private final References references;
  private final Alternatives alternatives;
  private final Containers containers;
  private final Map<List<String>, Integer> rules = new HashMap<>();
  private final Map<Object, Integer> scalars = new HashMap<>();
  private final Map<Integer, List<Integer>> choices = new HashMap<>();
  private final Deque<Task> open = new ArrayDeque<>();

  private SchemaCompiler(SchemaNode root, SchemaLimits limits) {
    builder = new AutomatonBuilder(limits);
    references = new References(root, limits.depth());
    alternatives = new Alternatives(references, builder);
    containers = new Containers(builder, this::rule);
  }

  /**
   * Compiles a schema.
   *
   * @throws SchemaException if it is malformed, asks for what is not enforced, costs too much or
   *     allows nothing
   */
  static Automaton compile(@Nullable Object schema, SchemaLimits limits) {
    SchemaNode root = new SchemaNode("#", schema);
    root.keywords();
    return new SchemaCompiler(root, limits).compile();
  }

  private Automaton compile() {
    int document = builder.rule();
    int behind = builder.gap(builder.start(document));
    builder.add(behind, new Arc.Become(rule(List.of(references.root()))));
    while (!open.isEmpty()) {
      Task task = open.remove();
      compile(task.rule, task.all);
    }
    checkChoices();
    Automaton automaton = builder.build(document);
    if (automaton.empty()) {
      throw new SchemaException(
          "#", "", "no value satisfies it within a depth of " + builder.limits().depth());
    }
    return automaton;
  }

  /** The rule for schemas that must all hold; compiled later. */
  private int rule(List<SchemaNode> all) {
    Set<SchemaNode> different = new LinkedHashSet<>();
    List<String> key = new ArrayList<>();
    for (SchemaNode node : all) {
      SchemaNode meant = references.resolved(node);
      if (!meant.isTrue() && !key.contains(meant.path())) {
        key.add(meant.path());
        different.add(meant);
      }
    }
    Integer known = rules.get(key);
    if (known != null) {
      return known;
    }
    int rule = builder.rule();
    rules.put(key, rule);
    open.add(new Task(rule, List.copyOf(different)));
    return rule;
  }

  private void compile(int rule, List<SchemaNode> all) {
    for (String keyword : List.of("anyOf", "oneOf")) {
      if (all.size() == 1 && KeywordReader.only(all.getFirst(), keyword)) {
        List<Integer> options = new ArrayList<>();
        for (SchemaNode option : alternatives.options(all.getFirst(), keyword)) {
          options.add(rule(List.of(option)));
        }
        options.forEach(option -> builder.add(builder.start(rule), new Arc.Become(option)));
        choices.put(rule, options);
        return;
      }
    }
    for (Keywords keywords : alternatives.of(all)) {
      if (!all.isEmpty()) {
        builder.at(all.getFirst().path());
      }
      compile(builder.start(rule), keywords);
    }
  }

  private void compile(int from, Keywords keywords) {
    if (keywords.values() != null) {
      literals(from, keywords.values(), keywords);
      return;
    }
    for (Type type : keywords.types()) {
      switch (type) {
        case NULL -> literals(from, listOfNull(), Keywords.NONE);
        case BOOLEAN -> literals(from, List.of(true, false), Keywords.NONE);
        case STRING -> become(from, text(new Text(keywords.length(), keywords.patterns())));
        case NUMBER -> become(from, number(new Number(keywords.bounds(), false)));
        case INTEGER -> become(from, number(new Number(keywords.bounds(), true)));
        case ARRAY -> containers.array(from, keywords);
        case OBJECT -> containers.object(from, keywords);
      }
    }
  }

  private static List<@Nullable Object> listOfNull() {
    List<@Nullable Object> list = new ArrayList<>();
    list.add(null);
    return list;
  }

  private void become(int from, int rule) {
    builder.add(from, new Arc.Become(rule));
  }

  private void literals(int from, List<@Nullable Object> values, Keywords keywords) {
    List<@Nullable Object> admitted = new ArrayList<>();
    for (Object value : values) {
      boolean nested = value instanceof Map || value instanceof List;
      boolean unclear =
          value instanceof String && !keywords.patterns().isEmpty()
              || nested && !(keywords.objects().isEmpty() && keywords.arrays().isEmpty());
      if (unclear) {
        throw new SchemaException(
            builder.path(),
            "enum",
            "beside keywords that would have to filter it; list the values that remain");
      }
      if (keywords.admits(value)) {
        admitted.add(value);
      }
    }
    int first = builder.state();
    builder.add(from, new Arc.Jump(first));
    new Literals(builder).add(first, admitted);
  }

  private int number(Number number) {
    Integer known = scalars.get(number);
    if (known == null) {
      known = builder.rule();
      scalars.put(number, known);
      new Numbers(builder).add(builder.start(known), number.bounds, number.integer);
    }
    return known;
  }

  private int text(Text text) {
    Integer known = scalars.get(text);
    if (known == null) {
      known = text.patterns.isEmpty() ? plainText(text.length) : patterned(text);
      scalars.put(text, known);
    }
    return known;
  }

  private int plainText(Range length) {
    boolean counted = !length.equals(Range.ANY);
    int rule = builder.rule(length.least(), length.most());
    if (length.empty()) {
      return rule;
    }
    int inside = builder.state();
    builder.bytes(builder.start(rule), '"', '"', inside);
    int next = counted ? builder.state() : inside;
    int last = counted ? builder.state() : inside;
    if (counted) {
      builder.add(inside, new Arc.Take(next));
      builder.add(inside, new Arc.Enough(last));
    }
    new Characters(builder).any(next, inside);
    quoteAndEnd(last);
    return rule;
  }

  private int patterned(Text text) {
    if (text.patterns.size() > 1) {
      throw new SchemaException(
          builder.path(), "pattern", "two patterns (or formats) for one string; write them as one");
    }
    int rule = builder.rule();
    if (!text.length.empty()) {
      int inside = builder.state();
      builder.bytes(builder.start(rule), '"', '"', inside);
      String source = text.patterns.iterator().next();
      CharacterNet net = new CharacterNet(builder, PatternParser.parse(builder, source));
      quoteAndEnd(net.write(inside, text.length.least(), text.length.most()));
    }
    return rule;
  }

  private void quoteAndEnd(int from) {
    int end = builder.state();
    builder.bytes(from, '"', '"', end);
    builder.end(end);
  }

  /** A choice that is one of its own options would be followed for ever. */
  private void checkChoices() {
    Map<Integer, Integer> users = new HashMap<>();
    choices.values().forEach(options -> options.forEach(o -> users.merge(o, 1, Integer::sum)));
    Deque<Integer> free = new ArrayDeque<>();
    choices.keySet().stream().filter(rule -> !users.containsKey(rule)).forEach(free::add);
    int seen = 0;
    while (!free.isEmpty()) {
      int rule = free.remove();
      seen++;
      for (int option : choices.getOrDefault(rule, List.of())) {
        if (users.merge(option, -1, Integer::sum) == 0 && choices.containsKey(option)) {
          free.add(option);
        }
      }
    }
    if (seen < choices.size()) {
      throw new SchemaException(
          "#", "$ref", "a choice is one of its own alternatives, with no value in between");
    }
  }
}
