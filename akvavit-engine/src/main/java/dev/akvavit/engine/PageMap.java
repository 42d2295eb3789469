package dev.akvavit.engine;

import java.util.List;

/**
 * The cache's pages at one instant between two steps.
 *
 * @param pageSize tokens a page
 * @param states of each page, in order
 * @param evictions how many pages of the prefix cache were given to other tokens since the engine
 *     started
 * @param evicted pages that this last happened to after the number of evictions that was asked for
 */
public record PageMap(int pageSize, List<PageState> states, long evictions, List<Integer> evicted) {
  public PageMap {
    states = List.copyOf(states);
    evicted = List.copyOf(evicted);
  }

  /** Pages in a state. */
  public int count(PageState state) {
    return (int) states.stream().filter(state::equals).count();
  }
}
