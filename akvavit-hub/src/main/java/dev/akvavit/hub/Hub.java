package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Models of the Hugging Face hub in the cache that Python uses too. What is whole in the cache is
 * found without a request; what is not is fetched, verified and shown at once, or not at all.
 *
 * <p>Safe for use by several threads, and by several processes at the same cache.
 */
public final class Hub {
  private final HubSettings settings;
  private final Disk disk;
  private final TransferLimits limits;
  private final Pause pause;

  /** Over the disk and the network. */
  public Hub(HubSettings settings) {
    this(settings, new LocalDisk(), TransferLimits.DEFAULT, Pause.REAL);
  }

  Hub(HubSettings settings, Disk disk, TransferLimits limits, Pause pause) {
    this.settings = settings;
    this.disk = disk;
    this.limits = limits;
    this.pause = pause;
  }

  /** As it was made. */
  public HubSettings settings() {
    return settings;
  }

  /**
   * What is in the cache and whole: a folder with {@code config.json} and safetensors, or a GGUF
   * file. Asks nobody.
   */
  public Optional<Path> find(ModelReference model) {
    CacheLayout layout = layout(model);
    return layout
        .commit(model.revision())
        .flatMap(commit -> new Snapshot(layout, commit).model(model.variant()));
  }

  /**
   * As {@link #find}, else as {@link #pull}.
   *
   * @throws HubException when it can be had from neither
   */
  public Path fetch(ModelReference model, PullListener listener) {
    Optional<Path> found = find(model);
    return found.isPresent() ? found.get() : pull(model, true, listener).path();
  }

  /**
   * What a plan is made from: as {@link #find}, else {@code config.json} alone, of the cache or
   * fetched. A model is not whole by it.
   *
   * @throws HubException when it can be had from neither
   */
  public Path config(ModelReference model, PullListener listener) {
    Optional<Path> found = find(model).or(() -> cachedConfig(model));
    return found.orElseGet(
        () -> locked(model, listener, pull -> cachedConfig(model).orElseGet(pull::config)));
  }

  private Optional<Path> cachedConfig(ModelReference model) {
    CacheLayout layout = layout(model);
    return layout.commit(model.revision()).flatMap(commit -> new Snapshot(layout, commit).config());
  }

  /**
   * Asks the hub which commit the revision means now, and fetches what of it is missing.
   *
   * @throws HubException when the network is not to be used, or the model does not come whole
   */
  public PulledModel pull(ModelReference model, PullListener listener) {
    return pull(model, false, listener);
  }

  /**
   * @param foundIsEnough whether what another process has fetched meanwhile need not be asked for
   */
  private PulledModel pull(ModelReference model, boolean foundIsEnough, PullListener listener) {
    return locked(
        model,
        listener,
        pull -> {
          Optional<Path> found = foundIsEnough || model.isPinned() ? find(model) : Optional.empty();
          return found.isPresent() ? present(model, found.get()) : pull.run();
        });
  }

  private PulledModel present(ModelReference model, Path path) {
    CacheLayout layout = layout(model);
    Snapshot snapshot = new Snapshot(layout, layout.commit(model.revision()).orElseThrow());
    List<Path> files = snapshot.files();
    long bytes = files.stream().mapToLong(file -> file.toFile().length()).sum();
    return new PulledModel(model.repository(), snapshot.commit(), path, files.size(), bytes, 0);
  }

  /** Works with the network under the repository's lock. */
  private <T> T locked(ModelReference model, PullListener listener, Function<Pull, T> work) {
    CacheLayout layout = layout(model);
    if (settings.offline()) {
      throw new HubException(
          Reason.OFFLINE,
          model
              + ": not whole in "
              + settings.cache()
              + ", and --offline or HF_HUB_OFFLINE forbids to fetch it; run akvavit pull "
              + model
              + " with the network");
    }
    try (RepositoryLock _ = RepositoryLock.of(layout.lock(), listener);
        HubClient client = new HubClient(settings, limits.stall())) {
      Refusals refusals = new Refusals(settings, model);
      Download.Connection connection =
          new Download.Connection(client, refusals, limits, pause, listener);
      return work.apply(new Pull(model, layout, disk, connection));
    }
  }

  /** All models of the cache, each commit by itself. */
  public List<CachedModel> list() {
    return new CacheInventory(settings.cache()).all();
  }

  /**
   * What {@link #remove} would take.
   *
   * @param allRevisions whether the whole model goes, not only the revision named
   * @throws HubException when it is not in the cache
   */
  public Removal removal(ModelReference model, boolean allRevisions) {
    CacheRemoval removal = new CacheRemoval(layout(model), model.repository());
    List<String> all = removal.all();
    if (all.isEmpty()) {
      throw new HubException(
          Reason.NOT_FOUND,
          model.repository()
              + ": not in the cache "
              + settings.cache()
              + "; akvavit ls shows what"
              + " is");
    }
    List<String> commits = allRevisions ? all : List.of(removal.commit(model.revision()));
    return new Removal(model.repository(), commits, removal.bytes(commits));
  }

  /** Takes a model, or one commit of it, out of the cache. */
  public Removal remove(ModelReference model, boolean allRevisions, PullListener listener) {
    CacheLayout layout = layout(model);
    removal(model, allRevisions); // a name that is not here makes no lock
    try (RepositoryLock _ = RepositoryLock.of(layout.lock(), listener)) {
      Removal removal = removal(model, allRevisions);
      new CacheRemoval(layout, model.repository()).remove(removal.commits());
      return removal;
    }
  }

  private CacheLayout layout(ModelReference model) {
    return new CacheLayout(settings.cache(), model.folder());
  }

  /** A text as one part of an address. */
  static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
