package dev.akvavit.report;

import java.util.List;

/**
 * Values side by side, as bars that lie: names have room to be read.
 *
 * @param categories names of the rows
 * @param groups one bar a category each; with a single one no legend is needed
 * @throws IllegalArgumentException when a group has not one value a category
 */
public record BarChart(
    String title, String description, Axis values, List<String> categories, List<Group> groups)
    implements Chart {

  public BarChart {
    categories = List.copyOf(categories);
    groups = List.copyOf(groups);
    for (Group g : groups) {
      if (g.values().size() != categories.size()) {
        throw new IllegalArgumentException(
            "group "
                + g.name()
                + ": found "
                + g.values().size()
                + " values, allowed: one a category, "
                + categories.size());
      }
    }
  }

  /** Bars of one kind; NaN where there is none. */
  public record Group(String name, List<Double> values) {
    public Group {
      values = List.copyOf(values);
    }
  }
}
