package dev.akvavit.model;

import dev.akvavit.core.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Random schedules of one model: sequences begin, are cut into chunks, interleave with the others
 * on scattered pages, end and leave their pages to the next. Every row of logits is held against
 * the same row of the sequence run alone.
 */
final class Schedules {
  static final int PAGES = 64;
  private static final int SCRIPTS = 24;

  /**
   * What a sequence will be fed, and the logits it got alone.
   *
   * @param prompt the first tokens, the others are generated
   */
  private record Script(int[] ids, int prompt, float[][] alone) {}

  private static final class Running {
    final Script script;
    final int[] pages = new int[PAGES];
    int pageCount;
    int cached;

    Running(Script script) {
      this.script = script;
    }

    boolean done() {
      return cached == script.ids.length;
    }
  }

  private record Row(Running sequence, int position) {}

  private final TinyModel model;
  private final List<Script> scripts = new ArrayList<>();
  private final List<Integer> free = new ArrayList<>();
  private int rows;

  /**
   * @param reference where sequences run alone: another instance, perhaps with other threads
   */
  Schedules(TinyModel model, TinyModel reference, long seed) {
    this.model = model;
    Random random = new Random(seed);
    for (int i = 0; i < SCRIPTS; i++) {
      int prompt = 1 + random.nextInt(i % 4 == 0 ? 40 : 12);
      int[] ids = TinyModel.randomIds(prompt + random.nextInt(6), random);
      scripts.add(new Script(ids, prompt, alone(reference, ids, prompt)));
    }
    for (int p = 0; p < PAGES; p++) {
      free.add(p);
    }
  }

  /** Logits of every position: the prompt in one chunk, then token by token. */
  private static float[][] alone(TinyModel model, int[] ids, int prompt) {
    int[] pages = new int[PAGES];
    Arrays.setAll(pages, i -> i);
    float[][] logits = new float[ids.length][];
    for (int cached = 0; cached < ids.length; ) {
      int count = cached == 0 ? prompt : 1;
      model.batch.clear();
      model.add(ids, cached, count, pages, cached == 0, Batch.Logits.ALL);
      for (float[] row : model.run()) {
        logits[cached++] = row;
      }
    }
    return logits;
  }

  /** Rows compared so far: a floor on it shows that the test did something. */
  int rows() {
    return rows;
  }

  /** Runs one schedule. Returns null, or what differed. */
  @Nullable String run(long seed) {
    Random random = new Random(seed);
    Collections.shuffle(free, random);
    List<Running> running = new ArrayList<>();
    int waiting = 2 + random.nextInt(4);
    while (waiting > 0 || !running.isEmpty()) {
      if (waiting > 0 && (running.isEmpty() || running.size() < 4 && random.nextBoolean())) {
        running.add(new Running(scripts.get(random.nextInt(SCRIPTS))));
        waiting--;
      }
      String difference = step(running, random);
      if (difference != null) {
        return "schedule " + seed + ": " + difference;
      }
      running.stream().filter(Running::done).forEach(s -> release(s, random.nextInt(8) == 0));
      running.removeIf(Running::done);
    }
    return null;
  }

  private @Nullable String step(List<Running> running, Random random) {
    Collections.shuffle(running, random);
    model.batch.clear();
    List<Row> wanted = new ArrayList<>();
    for (boolean prompt : new boolean[] {false, true}) {
      for (Running s : running) {
        if (prompt == s.cached < s.script.prompt && random.nextInt(4) != 0) {
          add(s, prompt, random, wanted);
        }
      }
    }
    List<float[]> logits = model.run();
    for (int i = 0; i < wanted.size(); i++) {
      Row row = wanted.get(i);
      float[] alone = row.sequence.script.alone[row.position];
      rows++;
      if (!Arrays.equals(logits.get(i), alone)) {
        int at = Arrays.mismatch(logits.get(i), alone);
        return "position "
            + row.position
            + ", logit "
            + at
            + ": "
            + logits.get(i)[at]
            + " together, "
            + alone[at]
            + " alone";
      }
    }
    return null;
  }

  private void add(Running s, boolean prompt, Random random, List<Row> wanted) {
    int left = (prompt ? s.script.prompt : s.script.ids.length) - s.cached;
    int count = random.nextInt(3) == 0 ? left : 1 + random.nextInt(Math.min(left, prompt ? 9 : 2));
    while (s.pageCount * TinyModel.PAGE < s.cached + count) {
      s.pages[s.pageCount++] = free.removeLast();
    }
    Batch.Logits which = Batch.Logits.values()[random.nextInt(3)];
    model.add(s.script.ids, s.cached, count, s.pages, prompt, which);
    for (int i = 0; i < count; i++) {
      if (which == Batch.Logits.ALL || which == Batch.Logits.LAST && i == count - 1) {
        wanted.add(new Row(s, s.cached + i));
      }
    }
    s.cached += count;
  }

  /**
   * Some pages keep their old rows, some are poisoned: stale and foreign rows must both go unread.
   */
  private void release(Running s, boolean poison) {
    while (s.pageCount > 0) {
      int page = s.pages[--s.pageCount];
      if (poison) {
        model.poison(page);
      }
      free.add(page);
    }
  }
}
