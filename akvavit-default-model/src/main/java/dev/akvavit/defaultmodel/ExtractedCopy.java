package dev.akvavit.defaultmodel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.Map;

/**
 * A set of files copied once into a folder named by its digest: under that name the set is complete
 * and unharmed, after any crash and with any number of processes.
 *
 * <p>The copy is made in a folder beside it, hashed on the way, forced to disk and renamed. A file
 * {@code .verified} records size and modification time of each file as they were when its digest
 * was last checked; while they still hold, later calls do not read the files. Anything else is
 * hashed again and, if damaged, replaced.
 */
final class ExtractedCopy {
  /** Where the files come from. */
  interface Source {
    InputStream open(String name) throws IOException;
  }

  // A file lock belongs to the process; its threads are kept apart by this.
  private static final Object ONE_THREAD = new Object();
  private static final String STAMP = ".verified";

  private final Path cache;
  private final Manifest manifest;
  private final Source source;
  private final Path folder;

  ExtractedCopy(Path cache, Manifest manifest, Source source) {
    this.cache = cache;
    this.manifest = manifest;
    this.source = source;
    this.folder = cache.resolve(manifest.digest());
  }

  /** The finished folder, made or mended if need be. */
  Path folder() throws IOException {
    if (stampHolds()) {
      return folder;
    }
    Files.createDirectories(cache);
    Path lockFile = cache.resolve(manifest.digest() + ".lock");
    synchronized (ONE_THREAD) {
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        if (!stampHolds()) {
          mend();
        }
      }
    }
    return folder;
  }

  private void mend() throws IOException {
    if (digestsHold()) {
      Files.writeString(folder.resolve(STAMP), stamp(folder));
      return;
    }
    deleteLeftovers();
    Path fresh = Files.createTempDirectory(cache, manifest.digest() + ".new-");
    for (Map.Entry<String, String> file : manifest.files().entrySet()) {
      extract(file.getKey(), file.getValue(), fresh.resolve(file.getKey()));
    }
    Files.writeString(fresh.resolve(STAMP), stamp(fresh));
    if (Files.exists(folder)) {
      // Renamed, not emptied: another process may have the damaged files mapped.
      Path old = Files.createTempDirectory(cache, manifest.digest() + ".old-");
      Files.move(folder, old.resolve("folder"), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    deleteLeftovers();
  }

  private void extract(String name, String expected, Path target) throws IOException {
    var digest = Manifest.sha256();
    try (InputStream in = source.open(name);
        FileChannel channel =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), digest)) {
      in.transferTo(out);
      channel.force(true);
    }
    String found = Manifest.hex(digest.digest());
    if (!found.equals(expected)) {
      throw new IOException(
          name + " is damaged at its source: SHA-256 " + found + ", expected " + expected);
    }
  }

  private boolean stampHolds() throws IOException {
    try {
      return Files.readString(folder.resolve(STAMP)).equals(stamp(folder));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private String stamp(Path of) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : manifest.files().keySet()) {
      Path file = of.resolve(name);
      text.append(Files.size(file)).append(' ');
      text.append(Files.getLastModifiedTime(file)).append(' ').append(name).append('\n');
    }
    return text.toString();
  }

  private boolean digestsHold() throws IOException {
    for (Map.Entry<String, String> file : manifest.files().entrySet()) {
      var digest = Manifest.sha256();
      try (InputStream in =
          new DigestInputStream(Files.newInputStream(folder.resolve(file.getKey())), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      } catch (NoSuchFileException e) {
        return false;
      }
      if (!Manifest.hex(digest.digest()).equals(file.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** What a process that died here, or a replaced copy, left behind. Called under the lock. */
  private void deleteLeftovers() throws IOException {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(cache, manifest.digest() + ".{new,old}-*")) {
      for (Path leftover : found) {
        delete(leftover);
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(tree)) {
        for (Path child : children) {
          delete(child);
        }
      }
    }
    Files.delete(tree);
  }
}
