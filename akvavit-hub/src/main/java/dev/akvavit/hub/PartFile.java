package dev.akvavit.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A file on its way: cut into segments that arrive side by side, each from its start to its end,
 * with a {@link PartJournal} that lets the next process go on.
 */
final class PartFile implements AutoCloseable {
  private static final int NOBODY = -1;

  private final Disk disk;
  private final PartJournal journal;
  private final long noteEvery;
  private final Disk.Sink sink;
  private final long[] done;
  private final long[] noted;
  private String validator;
  private int claimed;

  private PartFile(Disk disk, PartJournal journal, long noteEvery) throws IOException {
    this.disk = disk;
    this.journal = journal;
    this.noteEvery = noteEvery;
    PartJournal.State state = journal.recall();
    done = state.done();
    noted = done.clone();
    validator = state.validator();
    if (state.present() == 0) {
      validator = "";
      disk.delete(journal.part());
      journal.begin();
    }
    sink = disk.open(journal.part());
  }

  /** With what an earlier attempt left. */
  static PartFile open(Disk disk, Path blob, long size, TransferLimits limits) {
    PartJournal journal = PartJournal.beside(disk, blob, size, limits.segment());
    try {
      return new PartFile(disk, journal, limits.journalEvery());
    } catch (IOException e) {
      throw HubException.disk(journal.part(), e);
    }
  }

  /** Removes what is left beside a blob that is whole, by a death right after it became so. */
  static void forget(Disk disk, Path blob) {
    PartJournal journal = PartJournal.beside(disk, blob, 0, 1);
    for (Path left : List.of(journal.part(), journal.file())) {
      if (Files.exists(left)) {
        try {
          disk.delete(left);
        } catch (IOException e) {
          throw HubException.disk(left, e);
        }
      }
    }
  }

  int segments() {
    return done.length;
  }

  /** Position after the last byte of a segment. */
  long end(int segment) {
    return journal.end(segment);
  }

  /** Position of the first byte of a segment that is not here. */
  synchronized long position(int segment) {
    return journal.start(segment) + done[segment];
  }

  boolean isWhole(int segment) {
    return position(segment) == end(segment);
  }

  /** Bytes that are here. */
  synchronized long present() {
    return Arrays.stream(done).sum();
  }

  /** A segment that is not whole and that nobody else works on, or -1. */
  synchronized int claim() {
    while (claimed < done.length) {
      int segment = claimed++;
      if (!isWhole(segment)) {
        return segment;
      }
    }
    return NOBODY;
  }

  /** Lets segments that were given up be claimed again. */
  synchronized void release() {
    claimed = 0;
  }

  /** What the server called this state of the file, for {@code If-Range}; empty when unknown. */
  synchronized String validator() {
    return validator;
  }

  synchronized void validator(String etag) {
    validator = etag;
    try {
      journal.validator(etag);
    } catch (IOException e) {
      throw HubException.disk(journal.file(), e);
    }
  }

  /** Adds bytes at a segment's position; only one thread works on a segment. */
  void write(int segment, byte[] bytes, int length) {
    try {
      sink.write(ByteBuffer.wrap(bytes, 0, length), position(segment));
    } catch (IOException e) {
      throw HubException.disk(journal.part(), e);
    }
    synchronized (this) {
      done[segment] += length;
      if (isWhole(segment) || done[segment] - noted[segment] >= noteEvery) {
        note(segment);
      }
    }
  }

  /** Writes down how far a segment has come. */
  synchronized void note(int segment) {
    if (done[segment] == noted[segment]) {
      return;
    }
    noted[segment] = done[segment];
    try {
      journal.progress(segment, done[segment]);
    } catch (IOException e) {
      throw HubException.disk(journal.file(), e);
    }
  }

  /** Forgets all bytes; how many there were. */
  synchronized long restart() {
    long before = present();
    Arrays.fill(done, 0);
    Arrays.fill(noted, 0);
    claimed = 0;
    validator = "";
    try {
      journal.begin();
    } catch (IOException e) {
      throw HubException.disk(journal.file(), e);
    }
    return before;
  }

  /** Whether the bytes are those that the digest was made of; forces them to the disk first. */
  boolean matches(Digest digest) {
    try {
      sink.force();
      return Files.size(journal.part()) == journal.size()
          && digest.of(journal.part()).equals(digest);
    } catch (IOException e) {
      throw HubException.disk(journal.part(), e);
    }
  }

  /** Takes its place in the store; nothing is written to it from then on. */
  void become(Path blob) {
    try {
      sink.close();
      disk.rename(journal.part(), blob);
      disk.forceNames(CacheLayout.above(blob));
      disk.delete(journal.file());
    } catch (IOException e) {
      throw HubException.disk(blob, e);
    }
  }

  /** Removes what came: it is wrong. */
  void discard() {
    try {
      sink.close();
      disk.delete(journal.file());
      disk.delete(journal.part());
    } catch (IOException e) {
      throw HubException.disk(journal.part(), e);
    }
  }

  @Override
  public void close() {
    try {
      sink.close();
    } catch (IOException e) {
      throw HubException.disk(journal.part(), e);
    }
  }
}
