package dev.akvavit.text.constraint;

import dev.akvavit.text.constraint.Keywords.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Arrays and objects: elements one after another, members in the order of the schema, those that
 * may be left out left out or not.
 */
final class Containers {
  /** Where rules for other schemas come from. */
  interface Rules {
    int of(List<SchemaNode> all);
  }

  /** A place within the names that are taken. */
  private static final class Name {
    private final Map<Integer, Name> next = new HashMap<>();
    private final int state;
    private boolean taken;

    Name(int state) {
      this.state = state;
    }
  }

  private final AutomatonBuilder builder;
  private final Rules rules;

  Containers(AutomatonBuilder builder, Rules rules) {
    this.builder = builder;
    this.rules = rules;
  }

  void array(int from, Keywords keywords) {
    Range size = keywords.size();
    if (size.empty()) {
      return;
    }
    int prefix = keywords.prefix();
    if (size.most() >= 0) {
      prefix = Math.min(prefix, size.most());
    }
    int need = Math.max(0, size.least() - prefix);
    int room = size.most() < 0 ? AutomatonBuilder.UNBOUNDED : size.most() - prefix;
    int rule = builder.rule(need, room);
    builder.add(from, new Arc.Become(rule));
    int at = builder.state();
    builder.bytes(builder.start(rule), '[', '[', at);
    for (int i = 0; i < prefix; i++) {
      if (size.contains(i)) {
        close(at, ']');
      }
      int behind = builder.state();
      builder.add(i == 0 ? at : comma(at), new Arc.Call(rules.of(keywords.element(i)), behind));
      at = behind;
    }
    if (need == 0) {
      close(at, ']');
    }
    if (room != 0) {
      boolean counted = need > 0 || room > 0;
      int item = rules.of(keywords.element(keywords.prefix()));
      elements(at, prefix == 0, counted, item);
    }
  }

  /** Elements of one kind, from one on. */
  private void elements(int from, boolean first, boolean counted, int item) {
    int behind = builder.state();
    int one = counted ? take(from) : from;
    builder.add(first ? one : comma(one), new Arc.Call(item, behind));
    builder.add(comma(counted ? take(behind) : behind), new Arc.Call(item, behind));
    int last = behind;
    if (counted) {
      last = builder.state();
      builder.add(behind, new Arc.Enough(last));
    }
    close(last, ']');
  }

  private int take(int from) {
    int taken = builder.state();
    builder.add(from, new Arc.Take(taken));
    return taken;
  }

  private int comma(int from) {
    int behind = builder.state();
    builder.bytes(from, ',', ',', behind);
    return builder.gap(behind);
  }

  private void close(int from, char bracket) {
    int end = builder.state();
    builder.bytes(from, bracket, bracket, end);
    builder.end(end);
  }

  void object(int from, Keywords keywords) {
    Set<String> required = keywords.required();
    Set<String> all = keywords.declared();
    all.addAll(required);
    List<String> names = new ArrayList<>(all);
    boolean free = keywords.open();
    int lastRequired = -1;
    for (int i = 0; i < names.size(); i++) {
      lastRequired = required.contains(names.get(i)) ? i : lastRequired;
    }
    int member = builder.state(); // before a member, behind a comma if one is needed
    builder.bytes(from, '{', '{', member);
    if (lastRequired < 0) {
      close(member, '}');
    }
    int first = builder.state();
    builder.add(member, new Arc.Jump(first));
    member = first;
    int[] members = new int[names.size() + 1];
    int[] behinds = new int[names.size() + 1];
    members[0] = member;
    for (int i = 0; i < names.size(); i++) {
      members[i + 1] = builder.state();
      behinds[i + 1] = builder.state();
      String name = names.get(i);
      int colon = builder.text(members[i], Literals.json(name) + ":");
      int value = rules.of(keywords.member(name));
      builder.add(builder.gap(colon), new Arc.Call(value, behinds[i + 1]));
      if (!required.contains(name)) {
        builder.add(members[i], new Arc.Jump(members[i + 1]));
      }
    }
    int end = names.size();
    if (end == 0) {
      behinds[0] = builder.state();
    }
    for (int i = end == 0 ? 0 : 1; i <= end; i++) {
      if (lastRequired < i) {
        close(behinds[i], '}');
      }
      if (i < end || free) {
        builder.add(comma(behinds[i]), new Arc.Jump(members[i]));
      }
    }
    if (free) {
      int colon = builder.state();
      freeName(members[end], names, colon);
      int value = rules.of(keywords.additional());
      builder.add(builder.gap(colon), new Arc.Call(value, behinds[end]));
    }
  }

  /** Any name that is not taken, and the colon; without escapes, which could spell a taken one. */
  private void freeName(int from, List<String> taken, int behind) {
    Characters characters = new Characters(builder);
    int close = builder.state();
    builder.bytes(close, ':', ':', behind);
    int free = builder.state();
    characters.unescaped(free, CodePoints.NONE, free);
    builder.bytes(free, '"', '"', close);
    Name root = new Name(builder.state());
    builder.bytes(from, '"', '"', root.state);
    List<Name> all = new ArrayList<>(List.of(root));
    for (String name : taken) {
      Name at = root;
      for (int c : name.codePoints().toArray()) {
        Name next = at.next.get(c);
        if (next == null) {
          next = new Name(builder.state());
          all.add(next);
          at.next.put(c, next);
        }
        at = next;
      }
      at.taken = true;
    }
    for (Name name : all) {
      List<CodePoints> followed = new ArrayList<>();
      name.next.forEach((c, next) -> {
        followed.add(CodePoints.of(c));
        characters.unescaped(name.state, CodePoints.ALL.without(CodePoints.of(c)), next.state);
      });
      characters.unescaped(name.state, CodePoints.union(followed), free);
      if (!name.taken) {
        builder.bytes(name.state, '"', '"', close);
      }
    }
  }
}
