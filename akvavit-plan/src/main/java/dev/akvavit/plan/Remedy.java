package dev.akvavit.plan;

import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A change that makes a scenario smaller, and what it costs the answers.
 *
 * @param cost what readers of the answers lose
 * @param bytes needed after it
 * @param fits whether that is enough
 */
public record Remedy(String change, String cost, long bytes, boolean fits) {

  /**
   * Changes that make a scenario smaller, those that cost quality least first; then all that leave
   * users and context alone, together.
   */
  static List<Remedy> of(CapacityPlanner planner, Scenario s) {
    List<Remedy> found = new ArrayList<>();
    PlannedModel model = planner.model();
    Scenario narrow = s.withCacheTypes(CacheTypes.of(DType.BF16));
    boolean wideRows = planner.cache(s).bytes(s) > planner.cache(narrow).bytes(s);
    if (wideRows) {
      found.add(of("BF16 cache", "rows rounded to 8 bits of fraction", planner, narrow));
    }
    if (model.storedBytes() == 0 && s.weights() == WeightType.F32) {
      Scenario rounded = s.withWeights(WeightType.BF16);
      found.add(of("BF16 weights", "weights rounded to 8 bits of fraction", planner, rounded));
    }
    CapacityPlanner indexed =
        new CapacityPlanner(model.withIndexPrecision(IndexPrecision.F8), planner.machine());
    if (model.keepsWideIndexKeys()) {
      found.add(of("FP8 index keys", "other tokens selected now and then", indexed, freed(s)));
    }
    Scenario blocks = s.withCacheTypes(CacheTypes.of(DType.Q8_0));
    boolean blocksAreLess =
        model.keeps(blocks.cacheTypes())
            && planner.cache(s).bytes(s) > planner.cache(blocks).bytes(s);
    if (blocksAreLess) {
      found.add(of("Q8_0 cache", "rows rounded to 8 bits, 32 to a factor", planner, blocks));
    }
    fewer("", planner, s, found);
    boolean wideWeights = model.storedBytes() == 0 && !s.weights().isNarrow();
    if (wideWeights) {
      found.add(
          of(
              "FP8 weights",
              "all answers, unless the model was trained so",
              planner,
              s.withWeights(WeightType.FP8)));
    }
    Scenario rows = freed(blocksAreLess ? blocks : wideRows ? narrow : s);
    int kinds =
        (rows.equals(s) ? 0 : 1) + (model.keepsWideIndexKeys() ? 1 : 0) + (wideWeights ? 1 : 0);
    if (kinds > 1) {
      Scenario all = wideWeights ? rows.withWeights(WeightType.FP8) : rows;
      found.add(of("all types above", "what each of them costs", indexed, all));
      if (!indexed.fits(all)) {
        fewer("all types, ", indexed, all, found);
      }
    }
    return List.copyOf(found);
  }

  /** FP8 index keys leave nothing to choose for them. */
  private static Scenario freed(Scenario s) {
    return s.withCacheTypes(s.cacheTypes().without("index"));
  }

  /** Fewer users or a shorter context, as many as fit. */
  private static void fewer(String with, CapacityPlanner planner, Scenario s, List<Remedy> found) {
    int users = planner.mostUsers(s);
    if (users > 0 && users < s.users()) {
      String change = String.format(Locale.ROOT, "%s%,d users at a time", with, users);
      found.add(of(change, "the others wait", planner, s.withUsers(users)));
    }
    int context = planner.longestContext(s).tokens();
    if (context > 0 && context < s.context()) {
      String change = String.format(Locale.ROOT, "%sa context of %,d tokens", with, context);
      found.add(of(change, "longer prompts are refused", planner, s.withContext(context)));
    }
  }

  private static Remedy of(String change, String cost, CapacityPlanner planner, Scenario s) {
    return new Remedy(change, cost, planner.budget(s).bytes(), planner.fits(s));
  }
}
