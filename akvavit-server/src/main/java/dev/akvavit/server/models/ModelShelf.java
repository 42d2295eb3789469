package dev.akvavit.server.models;

import dev.akvavit.CapacityException;
import dev.akvavit.LanguageModel;
import dev.akvavit.server.fields.Field;
import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.options.ModelSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The models by name. One is opened when it is first asked for; when the memory allowed for all
 * would be passed, those that nobody uses are closed first, longest unused before others.
 *
 * <p>Names come from this table, which is filled at the start: no text of a request ever becomes
 * part of a path.
 */
public final class ModelShelf implements AutoCloseable {
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final long memory;
  private final Consumer<String> log;
  private long uses;
  private boolean closed;

  /** A model's place, whether it is open or not. Guarded by the shelf's monitor. */
  private static final class Slot {
    final ModelSource source;
    @Nullable LanguageModel model;
    boolean opening;
    int users;
    long lastUse;

    Slot(ModelSource source) {
      this.source = source;
    }
  }

  /**
   * @param memory bytes of weights and caches that may be open together
   */
  public ModelShelf(List<ModelSource> sources, long memory, Consumer<String> log) {
    this.memory = memory;
    this.log = log;
    for (ModelSource source : sources) {
      if (slots.put(source.name(), new Slot(source)) != null) {
        throw new IllegalArgumentException("model " + source.name() + ": named twice");
      }
    }
    if (slots.isEmpty()) {
      throw new IllegalArgumentException("models: found none, allowed: 1 or more");
    }
  }

  /** A model in use: it stays open until this is closed. */
  public final class Lease implements AutoCloseable {
    private final Slot slot;
    private final LanguageModel model;

    private Lease(Slot slot, LanguageModel model) {
      this.slot = slot;
      this.model = model;
    }

    public String name() {
      return slot.source.name();
    }

    public LanguageModel model() {
      return model;
    }

    @Override
    public void close() {
      release(slot);
    }
  }

  public List<String> names() {
    return List.copyOf(slots.keySet());
  }

  /** Whether the model is open now. */
  public synchronized boolean isOpen(String name) {
    Slot slot = slots.get(name);
    return slot != null && slot.model != null;
  }

  /**
   * The model of that name, opened if need be; with null the first one.
   *
   * @throws ApiError 404 when there is none of that name, 503 when it cannot be opened now
   */
  public Lease use(@Nullable String name) {
    Slot slot = name == null ? slots.values().iterator().next() : slots.get(name);
    if (slot == null) {
      throw ApiError.client(
          404,
          "model_not_found",
          "model",
          "model: found \"%s\", allowed: %s"
              .formatted(Field.shorten(String.valueOf(name)), String.join(", ", names())));
    }
    return new Lease(slot, opened(slot));
  }

  /** The models that are open now, each as long as {@code reader} looks at it. */
  public void eachOpen(Consumer<Lease> reader) {
    for (Slot slot : slots.values()) {
      try (Lease lease = useIfOpen(slot)) {
        if (lease != null) {
          reader.accept(lease);
        }
      }
    }
  }

  private synchronized @Nullable Lease useIfOpen(Slot slot) {
    if (slot.model == null) {
      return null;
    }
    slot.users++;
    return new Lease(slot, slot.model);
  }

  private LanguageModel opened(Slot slot) {
    synchronized (this) {
      while (slot.opening) {
        await();
      }
      requireOpenShelf();
      if (slot.model != null) {
        slot.users++;
        slot.lastUse = ++uses;
        return slot.model;
      }
      slot.opening = true;
    }
    LanguageModel model = null;
    try {
      model = open(slot);
      return model;
    } finally {
      synchronized (this) {
        slot.opening = false;
        slot.model = model;
        slot.users = model == null ? 0 : 1;
        slot.lastUse = ++uses;
        notifyAll();
      }
    }
  }

  private LanguageModel open(Slot slot) {
    try {
      LanguageModel model = openHoweverTight(slot.source);
      log.accept("model " + slot.source.name() + " opened");
      while (open() + bytes(model) > memory && closeUnused()) {}
      return model;
    } catch (CapacityException e) {
      log.accept("model " + slot.source.name() + " cannot be opened: " + e.getMessage());
      throw ApiError.later(
          503, "model_does_not_fit", "the model needs more memory than there is now", 30);
    } catch (RuntimeException e) {
      log.accept("model " + slot.source.name() + " cannot be opened: " + e.getMessage());
      throw ApiError.failed(
          "model_unusable", "the model cannot be opened; the server's log says why");
    }
  }

  /** Opens a model; where the machine has no room, as soon as unused ones have given theirs. */
  private LanguageModel openHoweverTight(ModelSource source) {
    while (true) {
      try {
        return LanguageModel.open(source.folder(), source.options());
      } catch (CapacityException e) {
        if (!closeUnused()) {
          throw e;
        }
      }
    }
  }

  /** Bytes of all models that are open. */
  private synchronized long open() {
    return slots.values().stream().mapToLong(s -> s.model == null ? 0 : bytes(s.model)).sum();
  }

  /** Closes the model that has been unused longest; false when all are in use. */
  private boolean closeUnused() {
    LanguageModel victim;
    synchronized (this) {
      Slot idle =
          slots.values().stream()
              .filter(s -> s.model != null && s.users == 0)
              .min(Comparator.comparingLong(s -> s.lastUse))
              .orElse(null);
      if (idle == null || idle.model == null) {
        return false;
      }
      victim = idle.model;
      idle.model = null;
      log.accept("model " + idle.source.name() + " closed to make room");
    }
    victim.close();
    return true;
  }

  /** Bytes that an open model takes: weights as mapped and the cache as allocated. */
  public static long bytes(LanguageModel model) {
    return model.weights().bytes() + model.cacheBytes();
  }

  private synchronized void release(Slot slot) {
    slot.users--;
    notifyAll();
  }

  private void requireOpenShelf() {
    if (closed) {
      throw ApiError.later(503, "closing", "the server is closing", 1);
    }
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiError.later(503, "closing", "the server is closing", 1);
    }
  }

  /** Ends what runs and closes all models. */
  @Override
  public void close() {
    List<LanguageModel> open;
    synchronized (this) {
      closed = true;
      open = slots.values().stream().map(s -> s.model).filter(m -> m != null).toList();
      slots.values().forEach(s -> s.model = null);
    }
    open.forEach(LanguageModel::close);
  }
}
