package dev.akvavit.claims;

import dev.akvavit.Planning;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.plan.PlannedModel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Where evidence comes from: shapes by name, one real model, and experiments, each of which is made
 * once however many claims rest on it. For one thread.
 */
public final class Laboratory {
  private final Function<String, PlannedModel> shapes;
  private final Path model;
  private final Effort effort;
  private final Map<Class<?>, Object> experiments = new HashMap<>();
  private final Stopwatch stopwatch = new Stopwatch();

  /**
   * @param shapes models to reckon with, by name
   * @param model folder of a DeepSeek-V3.2 checkpoint for Java text, to measure on
   */
  public Laboratory(Function<String, PlannedModel> shapes, Path model, Effort effort) {
    this.shapes = shapes;
    this.model = model;
    this.effort = effort;
  }

  /** With the shapes that ship. */
  public static Laboratory of(Path model, Effort effort) {
    return new Laboratory(name -> Planning.ofShape(name).model(), model, effort);
  }

  /**
   * How far repetitions lie apart, over their median: of the usual measurement so far. Much more
   * than a tenth says that something else uses the machine; NaN when nothing was timed.
   */
  public double spread() {
    return stopwatch.spread();
  }

  Stopwatch stopwatch() {
    return stopwatch;
  }

  PlannedModel shape(String name) {
    return shapes.apply(name);
  }

  ModelConfig config(String name) {
    return shape(name).config();
  }

  Path model() {
    return model;
  }

  Effort effort() {
    return effort;
  }

  /** An experiment's result, measured by the first who asks. */
  <T> T once(Class<T> result, Function<Laboratory, T> experiment) {
    Object found = experiments.get(result);
    if (found == null) {
      found = experiment.apply(this);
      experiments.put(result, found);
    }
    return result.cast(found);
  }
}
