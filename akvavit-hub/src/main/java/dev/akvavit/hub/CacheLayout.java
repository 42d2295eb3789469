package dev.akvavit.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the files of one repository lie (hub documentation, "Hub Local Cache"): contents once, by
 * digest, in {@code blobs}; a folder of links a commit in {@code snapshots}; the commit that a
 * branch or tag meant last in {@code refs}.
 *
 * @param cache the folder of all repositories
 * @param folder the name of this one's, {@code models--owner--name}
 */
record CacheLayout(Path cache, String folder) {
  /** What a killed download leaves; Python ignores it by this ending. */
  static final String PART = ".akvavit.incomplete";

  static final String JOURNAL = ".akvavit.journal";

  /** The folder that a path of this layout lies in: all have one. */
  static Path above(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  Path root() {
    return cache.resolve(folder);
  }

  Path blobs() {
    return root().resolve("blobs");
  }

  Path blob(Digest digest) {
    return blobs().resolve(digest.hex());
  }

  Path snapshots() {
    return root().resolve("snapshots");
  }

  Path snapshot(String commit) {
    return snapshots().resolve(commit);
  }

  Path refs() {
    return root().resolve("refs");
  }

  /** Locks lie outside, so that a repository can be removed under its lock. */
  Path lock() {
    return cache.resolve(".locks").resolve(folder).resolve("akvavit.lock");
  }

  /** The commit that a branch, a tag or a commit meant when it was last asked for. */
  Optional<String> commit(String revision) {
    if (Digest.isHex(revision, Digest.SHA1_LENGTH)) {
      return Optional.of(revision);
    }
    Path ref = refs().resolve(revision);
    if (!Files.isRegularFile(ref)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(ref).strip())
          .filter(commit -> Digest.isHex(commit, Digest.SHA1_LENGTH));
    } catch (IOException e) {
      throw HubException.disk(ref, e);
    }
  }
}
