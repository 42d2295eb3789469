package dev.akvavit.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads, the caller among them, that shares the items of one task at a time.
 *
 * <p>Items are claimed from one word, {@code round << 32 | items left}: a thread that wakes late
 * finds either items of the round it read or none, so the caller waits for items and never for
 * threads. Each claim takes an equal thread's share of what is left, so pieces shrink and all
 * threads end together, however unequal they are (guided self-scheduling: Polychronopoulos and Kuck
 * 1987), and they are few, for the first rows of each come from memory unannounced. Who computes an
 * item is left to chance; a task must give the same result whoever does. Team members spin for a
 * moment, then park: an idle team costs nothing. Nothing is allocated by {@link #run}.
 */
final class Workers implements AutoCloseable {
  /** Work on items {@code from .. to}; {@code worker} picks scratch memory, 0 for the caller. */
  interface Task {
    void run(int from, int to, int worker);
  }

  /** Longer than drawing a token from a large vocabulary takes: no thread sleeps between steps. */
  private static final long SPIN_NANOS = 300_000;

  private static final long ITEMS = 0xFFFF_FFFFL;

  private final Thread[] team;
  private final AtomicLong claim = new AtomicLong();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger parked = new AtomicInteger();
  private @Nullable Task task;
  private int items;
  private int grain;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread waiting;
  private volatile boolean closed;

  /**
   * @param threads members including the caller of {@link #run}
   */
  Workers(int threads) {
    team = new Thread[threads - 1];
    for (int i = 0; i < team.length; i++) {
      int worker = i + 1;
      team[i] =
          Thread.ofPlatform().daemon().name("akvavit-cpu-" + worker).start(() -> serve(worker));
    }
  }

  int threads() {
    return team.length + 1;
  }

  /** Pieces that keep every thread busy although some start late. */
  int pieces() {
    return team.length == 0 ? 1 : 4 * threads();
  }

  /**
   * Runs {@code task} over {@code n} items, at least {@code grain} at a time, and returns when all
   * are done.
   */
  void run(Task task, int n, int grain) {
    if (team.length == 0 || n <= grain) {
      if (n > 0) {
        task.run(0, n, 0);
      }
      return;
    }
    if (closed) {
      throw new IllegalStateException("the backend is closed");
    }
    this.task = task;
    items = n;
    this.grain = grain;
    done.set(0);
    long round = (claim.get() >>> 32) + 1;
    claim.set(round << 32 | n);
    if (parked.get() > 0) {
      for (Thread t : team) {
        LockSupport.unpark(t);
      }
    }
    while (work(0)) {}
    await();
    this.task = null;
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw new IllegalStateException("a worker failed: " + thrown, thrown);
    }
  }

  /** Claims and computes some items; false when none is left. */
  private boolean work(int worker) {
    long seen = claim.get();
    int left = (int) (seen & ITEMS);
    if (left == 0) {
      return false;
    }
    int some = Math.min(left, Math.max(grain, left / threads()));
    if (claim.compareAndSet(seen, seen - some)) {
      int from = items - left; // stable from here until these items are counted, as grain was
      try {
        Task claimed = task;
        if (claimed != null) {
          claimed.run(from, from + some, worker);
        }
      } catch (Throwable e) {
        failure = e;
      }
      int all = items;
      if (done.addAndGet(some) == all) {
        LockSupport.unpark(waiting);
      }
    }
    return true;
  }

  private void await() {
    long end = 0;
    for (int i = 0; done.get() < items; i++) {
      Thread.onSpinWait();
      if ((i & 63) == 63) {
        long now = System.nanoTime();
        if (end == 0) {
          end = now + SPIN_NANOS;
        } else if (now > end) {
          waiting = Thread.currentThread();
          while (done.get() < items) {
            LockSupport.park(this);
          }
          waiting = null;
        }
      }
    }
  }

  private void serve(int worker) {
    long end = 0;
    for (int i = 0; !closed; i++) {
      if (work(worker)) {
        end = 0;
        continue;
      }
      Thread.onSpinWait();
      if ((i & 63) == 0) {
        long now = System.nanoTime();
        if (end == 0) {
          end = now + SPIN_NANOS;
        } else if (now > end) {
          parked.incrementAndGet();
          while (!closed && (claim.get() & ITEMS) == 0) {
            LockSupport.park(this);
          }
          parked.decrementAndGet();
          end = 0;
        }
      }
    }
  }

  /** Ends the team; a run in progress must have returned. */
  @Override
  public void close() {
    closed = true;
    for (Thread t : team) {
      LockSupport.unpark(t);
    }
    for (Thread t : team) {
      boolean interrupted = false;
      while (t.isAlive()) {
        try {
          t.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
