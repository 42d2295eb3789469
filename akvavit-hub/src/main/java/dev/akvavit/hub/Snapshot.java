package dev.akvavit.hub;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One commit of a repository as the cache shows it: a folder whose files are links into {@code
 * blobs}, or files themselves where the disk has no links. Whether it is whole is judged from the
 * folder alone: nothing is asked, and it does not matter who fetched it.
 */
final class Snapshot {
  private static final int MAX_INDEX = 64 << 20;

  private final CacheLayout layout;
  private final String commit;
  private final Path folder;

  Snapshot(CacheLayout layout, String commit) {
    this.layout = layout;
    this.commit = commit;
    folder = layout.snapshot(commit);
  }

  String commit() {
    return commit;
  }

  Path folder() {
    return folder;
  }

  /**
   * What a model is opened by: the folder, or the GGUF file, if all of it is here.
   *
   * @param variant as in {@link ModelReference}
   */
  Optional<Path> model(String variant) {
    if (variant.isEmpty() && holdsSafetensors()) {
      return Optional.of(folder);
    }
    try {
      GgufChoice choice = new GgufChoice("", files().stream().map(this::name).toList());
      return choice.isEmpty()
          ? Optional.empty()
          : Optional.of(folder.resolve(choice.files(variant).getFirst()));
    } catch (HubException e) {
      return Optional.empty(); // other variants than the one asked for, or some of its parts
    }
  }

  /** {@code config.json}, whatever else is missing. */
  Optional<Path> config() {
    return Optional.of(NeededFiles.CONFIG).filter(this::has).map(folder::resolve);
  }

  /** Whether some GGUF model is here, one of several perhaps. */
  boolean hasGguf() {
    return files().stream().anyMatch(file -> file.toString().endsWith(ModelReference.GGUF));
  }

  private boolean holdsSafetensors() {
    return has(NeededFiles.CONFIG)
        && NeededFiles.TOKENIZERS.stream().anyMatch(this::has)
        && (has(NeededFiles.SINGLE)
            || has(NeededFiles.INDEX) && shards().stream().allMatch(this::has));
  }

  /** The files that the index names; none when it names nothing. */
  private Set<String> shards() {
    Path index = folder.resolve(NeededFiles.INDEX);
    try {
      return NeededFiles.shards(index, readSmall(index));
    } catch (HubException | IOException e) {
      return Set.of("");
    }
  }

  static byte[] readSmall(Path index) throws IOException {
    if (Files.size(index) > MAX_INDEX) {
      throw new IOException(index + ": found more than " + MAX_INDEX + " bytes");
    }
    return Files.readAllBytes(index);
  }

  private boolean has(String name) {
    return !name.isEmpty() && isHere(folder.resolve(name));
  }

  /**
   * A file, or a link to one of this repository's blobs. A link to anywhere else is not followed:
   * the cache may be shared. A blob may be a link itself, which only its owner can have made.
   */
  private boolean isHere(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    return !Files.isSymbolicLink(file) || blob(file).isPresent();
  }

  /** The blob that a link of this snapshot leads to. */
  Optional<Path> blob(Path link) {
    try {
      Path target = CacheLayout.above(link).resolve(Files.readSymbolicLink(link)).normalize();
      return Optional.of(target).filter(t -> isSame(layout.blobs(), CacheLayout.above(t)));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /** The cache may be reached by a link itself. */
  private static boolean isSame(Path a, Path b) {
    try {
      return a.equals(b) || Files.isSameFile(a, b);
    } catch (IOException e) {
      return false;
    }
  }

  private String name(Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  /** All files that are here, links not followed further than to their blob. */
  List<Path> files() {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (isHere(file)) {
                found.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw HubException.disk(folder, e);
    }
    return found;
  }
}
