package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes commits out of the cache: first the names that lead to them, then their folders, then the
 * blobs that nothing shows any more. Links are removed and never followed, and a file that a
 * process has mapped stays with it.
 */
final class CacheRemoval {
  private static final int SHORTEST_COMMIT = 7;

  private final CacheLayout layout;
  private final String model;

  CacheRemoval(CacheLayout layout, String model) {
    this.layout = layout;
    this.model = model;
  }

  /** All commits of the model that are here. */
  List<String> all() {
    return CacheInventory.list(layout.snapshots()).stream()
        .map(p -> p.getFileName().toString())
        .toList();
  }

  /**
   * The commit that a branch, a tag, or the first digits of a commit mean.
   *
   * @throws HubException with {@link Reason#NOT_FOUND}
   */
  String commit(String revision) {
    List<String> meant =
        layout
            .commit(revision)
            .filter(all()::contains)
            .map(List::of)
            .orElseGet(() ->
                all().stream()
                    .filter(c -> revision.length() >= SHORTEST_COMMIT && c.startsWith(revision))
                    .toList());
    if (meant.size() != 1) {
      throw new HubException(
          Reason.NOT_FOUND,
          "%s: found %s revision %s in the cache, allowed: %s or a commit of %s"
              .formatted(
                  model,
                  meant.isEmpty() ? "no" : "more than one",
                  revision,
                  CacheInventory.revisions(layout).values(),
                  all()));
    }
    return meant.getFirst();
  }

  /** What removing these commits would free. */
  long bytes(List<String> commits) {
    if (commits.size() == all().size()) {
      return CacheInventory.bytes(layout.root());
    }
    long freed = 0;
    for (Path blob : orphans(commits)) {
      freed += CacheInventory.bytes(blob);
    }
    for (String commit : commits) {
      for (Path file : new Snapshot(layout, commit).files()) {
        freed += Files.isSymbolicLink(file) ? 0 : CacheInventory.bytes(file);
      }
    }
    return freed;
  }

  /** Removes them; the whole folder when no commit is left. */
  void remove(List<String> commits) {
    try {
      if (commits.size() == all().size()) {
        removeTree(layout.root());
        return;
      }
      Set<Path> orphans = orphans(commits);
      for (Map.Entry<String, List<String>> ref : CacheInventory.revisions(layout).entrySet()) {
        if (commits.contains(ref.getKey())) {
          for (String name : ref.getValue()) {
            Files.deleteIfExists(layout.refs().resolve(name));
          }
        }
      }
      for (String commit : commits) {
        removeTree(layout.snapshot(commit));
        removeTree(layout.root().resolve(".no_exist").resolve(commit));
      }
      for (Path blob : orphans) {
        Files.deleteIfExists(blob);
      }
    } catch (IOException e) {
      throw HubException.disk(layout.root(), e);
    }
  }

  /** Blobs that only these commits show. */
  private Set<Path> orphans(List<String> commits) {
    Set<Path> theirs = new HashSet<>();
    Set<Path> shared = new HashSet<>();
    for (String commit : all()) {
      Snapshot snapshot = new Snapshot(layout, commit);
      for (Path file : snapshot.files()) {
        if (Files.isSymbolicLink(file)) {
          snapshot
              .blob(file)
              .map(blob -> layout.blobs().resolve(blob.getFileName()))
              .ifPresent((commits.contains(commit) ? theirs : shared)::add);
        }
      }
    }
    theirs.removeAll(shared);
    return theirs;
  }

  private static void removeTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> folders = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes a) {
            folders.addFirst(folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }
        });
    for (Path folder : folders) {
      Files.delete(folder);
    }
  }
}
