package dev.akvavit.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Shows blobs under their names, each at once, and a branch's commit when all are there. */
final class SnapshotWriter {
  private static final String NEW = ".akvavit.new";

  private final Disk disk;
  private final CacheLayout layout;
  private final Path folder;

  SnapshotWriter(Disk disk, CacheLayout layout, String commit) {
    this.disk = disk;
    this.layout = layout;
    folder = layout.snapshot(commit);
  }

  void begin() {
    try {
      disk.makeFolder(layout.blobs());
      disk.makeFolder(folder);
      disk.makeFolder(layout.refs());
    } catch (IOException e) {
      throw HubException.disk(layout.root(), e);
    }
  }

  /** Whether the file is here, as a blob, or as a file where there are no links. */
  boolean has(RepositoryFile file) {
    return hasBlob(file) || isCopy(file);
  }

  private boolean hasBlob(RepositoryFile file) {
    return isFileOf(layout.blob(file.digest()), file.size());
  }

  private boolean isCopy(RepositoryFile file) {
    Path shown = folder.resolve(file.name());
    return Files.isRegularFile(shown, LinkOption.NOFOLLOW_LINKS) && isFileOf(shown, file.size());
  }

  private static boolean isFileOf(Path path, long size) {
    try {
      return Files.isRegularFile(path) && Files.size(path) == size;
    } catch (IOException e) {
      return false;
    }
  }

  /** Shows a blob that is whole. */
  void show(RepositoryFile file) {
    Path shown = folder.resolve(file.name());
    Path blob = layout.blob(file.digest());
    if (!hasBlob(file) && isCopy(file)) {
      return;
    }
    try {
      Path target = CacheLayout.above(shown).relativize(blob);
      if (Files.isSymbolicLink(shown) && Files.readSymbolicLink(shown).equals(target)) {
        return;
      }
      disk.makeFolder(CacheLayout.above(shown));
      Path fresh = blob.resolveSibling(blob.getFileName() + NEW);
      disk.delete(fresh);
      try {
        disk.link(fresh, target);
        disk.rename(fresh, shown);
      } catch (UnsupportedOperationException e) {
        disk.rename(blob, shown); // as Python does: without links the file itself stands here
      }
    } catch (IOException e) {
      throw HubException.disk(shown, e);
    }
  }

  /** Says that a branch or tag means this commit; for commits there is nothing to say. */
  void refer(String revision, String commit) {
    if (revision.equals(commit)) {
      return;
    }
    Path ref = layout.refs().resolve(revision);
    try {
      if (layout.commit(revision).filter(commit::equals).isPresent()) {
        return;
      }
      disk.forceNames(folder);
      disk.makeFolder(CacheLayout.above(ref));
      Path fresh = layout.root().resolve("ref" + NEW);
      disk.write(fresh, commit); // no line end: older Python compares it as it stands
      disk.rename(fresh, ref);
      disk.forceNames(CacheLayout.above(ref));
    } catch (IOException e) {
      throw HubException.disk(ref, e);
    }
  }
}
