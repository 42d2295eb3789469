package dev.akvavit.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads what the cache holds. */
final class CacheInventory {
  private static final String MODELS = "models--";

  private final Path cache;

  CacheInventory(Path cache) {
    this.cache = cache;
  }

  /** All commits of all models, by name. */
  List<CachedModel> all() {
    List<CachedModel> found = new ArrayList<>();
    for (Path folder : list(cache)) {
      String name = folder.getFileName().toString();
      if (name.startsWith(MODELS) && Files.isDirectory(folder)) {
        found.addAll(of(new CacheLayout(cache, name)));
      }
    }
    found.sort(Comparator.comparing(CachedModel::model).thenComparing(CachedModel::commit));
    return List.copyOf(found);
  }

  /** All commits of one model. */
  List<CachedModel> of(CacheLayout layout) {
    Map<String, List<String>> revisions = revisions(layout);
    List<CachedModel> found = new ArrayList<>();
    for (Path folder : list(layout.snapshots())) {
      String commit = folder.getFileName().toString();
      if (Digest.isHex(commit, Digest.SHA1_LENGTH) && Files.isDirectory(folder)) {
        found.add(describe(layout, commit, revisions.getOrDefault(commit, List.of())));
      }
    }
    return found;
  }

  private static CachedModel describe(CacheLayout layout, String commit, List<String> revisions) {
    Snapshot snapshot = new Snapshot(layout, commit);
    long bytes = 0;
    Instant used = Instant.EPOCH;
    List<Path> files = snapshot.files();
    Set<Path> counted = new HashSet<>();
    for (Path file : files) {
      BasicFileAttributes a = attributes(file);
      bytes += counted.add(snapshot.blob(file).orElse(file)) ? a.size() : 0;
      Instant read = a.lastAccessTime().toInstant();
      Instant written = a.lastModifiedTime().toInstant();
      used = Stream.of(used, read, written).max(Comparator.naturalOrder()).orElse(used);
    }
    String model = layout.folder().substring(MODELS.length()).replace("--", "/");
    boolean complete = snapshot.model("").isPresent() || snapshot.hasGguf();
    return new CachedModel(
        model, commit, revisions, bytes, files.size(), complete, used, snapshot.folder());
  }

  private static BasicFileAttributes attributes(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class);
    } catch (IOException e) {
      throw HubException.disk(file, e);
    }
  }

  /** Branches and tags by the commit they mean. */
  static Map<String, List<String>> revisions(CacheLayout layout) {
    Map<String, List<String>> byCommit = new TreeMap<>();
    if (!Files.isDirectory(layout.refs())) {
      return byCommit;
    }
    try (Stream<Path> refs = Files.walk(layout.refs())) {
      for (Path ref : refs.filter(p -> Files.isRegularFile(p)).sorted().toList()) {
        String name = layout.refs().relativize(ref).toString().replace('\\', '/');
        layout
            .commit(name)
            .ifPresent(c -> byCommit.computeIfAbsent(c, k -> new ArrayList<>()).add(name));
      }
    } catch (IOException e) {
      throw HubException.disk(layout.refs(), e);
    }
    return byCommit;
  }

  /** Entries of a folder, by name; none when there is no folder. */
  static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw HubException.disk(folder, e);
    }
  }

  /** Bytes on the disk below a path, links not followed. */
  static long bytes(Path path) {
    try (Stream<Path> all = Files.walk(path)) {
      long bytes = 0;
      for (Path file : all.toList()) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          bytes += Files.size(file);
        }
      }
      return bytes;
    } catch (IOException e) {
      throw HubException.disk(path, e);
    }
  }
}
