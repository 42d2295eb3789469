package dev.akvavit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Sampling;
import dev.akvavit.core.TokenConstraint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
  private static final EngineLimits LIMITS = new EngineLimits(4, 1024, 64, 64, 4, 4, 1000);
  private static final int[] PROMPT = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private static Sequence sequence(String salt, String model, int... prompt) {
    Request request =
        new Request(
            prompt,
            4,
            new int[0],
            Sampling.GREEDY,
            Map.of(),
            -1,
            new CacheScope(salt),
            TokenConstraint.NONE);
    return new Sequence(
        request, new Collected(), LIMITS, new PageKeys(LIMITS.pageSize()), model, () -> {});
  }

  private static int find(PrefixCache cache, Sequence s, int page) {
    return cache.find(s.keys, (page + 1) * PageKeys.LONGS);
  }

  private static void publish(PrefixCache cache, Sequence s, int page) {
    cache.publish(s.keys, (page + 1) * PageKeys.LONGS, cache.take());
  }

  /**
   * Both halves: another salt finds nothing, the same salt finds all. One alone would pass on a
   * cache that is broken.
   */
  @Test
  void everyTwoOf64ScopesShareOnlyWithThemselves() {
    PrefixCache cache = new PrefixCache(new PagePool(1024));
    for (int a = 0; a < 64; a++) {
      publish(cache, sequence("scope " + a, "model", PROMPT), 0);
      publish(cache, sequence("scope " + a, "model", PROMPT), 1);
      for (int b = 0; b < 64; b++) {
        Sequence other = sequence("scope " + b, "model", PROMPT);
        for (int page = 0; page < 2; page++) {
          assertThat(find(cache, other, page) >= 0)
              .as("%d finds %d's page %d", b, a, page)
              .isEqualTo(b <= a);
        }
      }
    }
  }

  @Test
  void anotherModelAnotherBeginningOrAnotherTokenFindsNothing() {
    PrefixCache cache = new PrefixCache(new PagePool(64));
    Sequence s = sequence("a", "model", PROMPT);
    publish(cache, s, 0);
    publish(cache, s, 1);
    assertThat(find(cache, sequence("a", "model", PROMPT), 1)).isNotNegative();
    assertThat(find(cache, sequence("a", "modem", PROMPT), 1)).isNegative();
    assertThat(find(cache, sequence("la", "mode", PROMPT), 1))
        .as("identity and salt do not run together")
        .isNegative();
    assertThat(find(cache, sequence("a", "model", 9, 2, 3, 4, 5, 6, 7, 8, 9), 1)).isNegative();
    assertThat(find(cache, sequence("a", "model", 1, 2, 3, 4, 5, 6, 7, 9, 9), 1)).isNegative();
  }

  @Test
  void theLeastRecentlyUsedPageIsTakenFirstAndPlainOnesBeforeIt() {
    PagePool pool = new PagePool(4);
    PrefixCache cache = new PrefixCache(pool);
    Sequence[] s = new Sequence[3];
    int[] pages = new int[3];
    for (int i = 0; i < 3; i++) {
      s[i] = sequence("a", "model", i, 2, 3, 4, 5);
      pages[i] = cache.take();
      cache.publish(s[i].keys, PageKeys.LONGS, pages[i]);
    }
    for (int i : new int[] {1, 2, 0}) {
      cache.release(pages[i]);
    }
    assertThat(find(cache, s[1], 0)).isEqualTo(pages[1]); // used again: now the last to go
    cache.release(pages[1]);
    assertThat(cache.take()).as("the plain page").isNotIn(pages[0], pages[1], pages[2]);
    assertThat(cache.take()).isEqualTo(pages[2]);
    assertThat(cache.take()).isEqualTo(pages[0]);
    assertThat(find(cache, s[0], 0)).isNegative();
    assertThat(cache.take()).isEqualTo(pages[1]);
    assertThat(cache.size()).isZero();
    assertThatThrownBy(cache::take).hasMessage("all 4 pages are taken");
  }

  @Test
  void releasingAFreePageIsRefused() {
    PagePool pool = new PagePool(2);
    int page = pool.take();
    pool.release(page, false);
    assertThatThrownBy(() -> pool.release(page, false)).hasMessageContaining("already free");
  }

  /**
   * Random use against a plain map and a plain list; keys collide in their first bits on purpose.
   */
  @Test
  void behavesLikeAMapAndAList() {
    for (long seed = 1; seed <= 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int count = 1 + random.nextInt(20);
      PagePool pool = new PagePool(count);
      PrefixCache cache = new PrefixCache(pool);
      Map<Long, Integer> map = new HashMap<>();
      ArrayDeque<Integer> free = new ArrayDeque<>();
      List<Integer> taken = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        free.add(i);
      }
      for (int step = 0; step < 500; step++) {
        long[] key = {random.nextInt(4), random.nextInt(8), 0, 0};
        long name = key[0] * 8 + key[1];
        switch (random.nextInt(4)) {
          case 0 -> {
            if (!free.isEmpty()) {
              int page = cache.take();
              assertThat(page).as("seed %d", seed).isEqualTo(free.removeFirst());
              map.values().remove(page);
              taken.add(page);
            }
          }
          case 1 -> {
            if (!taken.isEmpty()) {
              int page = taken.get(random.nextInt(taken.size()));
              if (!map.containsKey(name) && !map.containsValue(page)) {
                map.put(name, page);
              }
              cache.publish(key, 0, page);
            }
          }
          case 2 -> {
            int page = cache.find(key, 0);
            assertThat(page).as("seed %d", seed).isEqualTo(map.getOrDefault(name, -1));
            if (page >= 0) {
              free.remove(page);
              taken.add(page);
            }
          }
          default -> {
            if (!taken.isEmpty()) {
              Integer page = taken.remove(random.nextInt(taken.size()));
              cache.release(page);
              if (!taken.contains(page)) {
                if (map.containsValue(page)) {
                  free.addLast(page);
                } else {
                  free.addFirst(page);
                }
              }
            }
          }
        }
        assertThat(cache.size()).isEqualTo(map.size());
        assertThat(cache.available()).isEqualTo(free.size());
      }
    }
  }
}
