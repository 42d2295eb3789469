package dev.akvavit.text.constraint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Multiplies {@code allOf}, {@code anyOf}, {@code oneOf} and references out: what is left is a list
 * of {@link Keywords}, one of which must hold.
 */
final class Alternatives {
  private final References references;
  private final AutomatonBuilder builder;
  private final KeywordReader reader;
  private final Set<String> open = new HashSet<>();

  Alternatives(References references, AutomatonBuilder builder) {
    this.references = references;
    this.builder = builder;
    reader = new KeywordReader(builder.limits());
  }

  /** The alternatives of schemas that must all hold. */
  List<Keywords> of(List<SchemaNode> all) {
    List<Keywords> product = List.of(Keywords.NONE);
    for (SchemaNode node : all) {
      product = product(product, of(node));
    }
    return product;
  }

  /** Nested as deep as references and combining keywords are, which is bounded here. */
  private List<Keywords> of(SchemaNode node) {
    builder.at(node.path());
    builder.spend(node.keywords().size() + 1);
    if (node.isFalse()) {
      return List.of();
    }
    int depth = builder.limits().depth();
    if (open.size() >= depth || !open.add(node.path())) {
      throw new SchemaException(
          node.path(), "", "combines itself, or combines schemas nested deeper than " + depth);
    }
    List<Keywords> product = List.of(reader.read(node));
    if (node.has("$ref")) {
      product = product(product, of(references.target(node)));
    }
    if (node.has("allOf")) {
      for (SchemaNode part : node.list("allOf")) {
        product = product(product, of(part));
      }
    }
    if (node.has("anyOf")) {
      product = product(product, sum(options(node, "anyOf")));
    }
    if (node.has("oneOf")) {
      product = product(product, sum(options(node, "oneOf")));
    }
    open.remove(node.path());
    return product;
  }

  /** The options of a choice; those of {@code oneOf} are known to exclude each other. */
  List<SchemaNode> options(SchemaNode node, String keyword) {
    List<SchemaNode> options = node.list(keyword);
    if (options.size() > builder.limits().alternatives()) {
      throw new SchemaException(
          node.path(),
          keyword,
          options.size() + " alternatives; at most " + builder.limits().alternatives());
    }
    if (keyword.equals("oneOf")) {
      checkDisjoint(node, options);
    }
    return options;
  }

  private List<Keywords> sum(List<SchemaNode> options) {
    List<Keywords> sum = new ArrayList<>();
    options.forEach(option -> sum.addAll(of(option)));
    return sum;
  }

  private List<Keywords> product(List<Keywords> left, List<Keywords> right) {
    List<Keywords> product = new ArrayList<>();
    for (Keywords a : left) {
      for (Keywords b : right) {
        builder.spend(1 + a.objects().size() + b.objects().size());
        Keywords both = a.and(b);
        if (!both.types().isEmpty()) {
          product.add(both);
        }
      }
    }
    if (product.size() > builder.limits().alternatives()) {
      throw new SchemaException(
          builder.path(),
          "",
          "more than "
              + builder.limits().alternatives()
              + " alternatives when allOf and anyOf are multiplied out");
    }
    return product;
  }

  private void checkDisjoint(SchemaNode node, List<SchemaNode> options) {
    List<List<Keywords>> all = new ArrayList<>();
    options.forEach(option -> all.add(of(option)));
    Disjointness disjointness = new Disjointness(this);
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < i; j++) {
        for (Keywords a : all.get(i)) {
          for (Keywords b : all.get(j)) {
            builder.spend(1 + a.objects().size() + b.objects().size());
            if (!disjointness.between(a, b)) {
              throw new SchemaException(
                  node.path(),
                  "oneOf",
                  "alternatives "
                      + j
                      + " and "
                      + i
                      + " may both hold; use anyOf, or give each a required property with a const"
                      + " of its own");
            }
          }
        }
      }
    }
  }
}
