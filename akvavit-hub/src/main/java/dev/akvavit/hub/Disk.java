package dev.akvavit.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * All that a pull does to a disk, call by call, so that a test can make any of them fail, or forget
 * what was not forced.
 */
interface Disk {
  /** Makes a folder and those above it. */
  void makeFolder(Path folder) throws IOException;

  /** Opens a file for writing at any position, new or as it is. */
  Sink open(Path file) throws IOException;

  /** Adds to the end of a file, new or as it is. */
  void append(Path file, String text) throws IOException;

  /** Writes a small file anew. */
  void write(Path file, String text) throws IOException;

  /** Gives a file a name at once, over what had it. */
  void rename(Path from, Path to) throws IOException;

  /** Makes a symbolic link; {@link UnsupportedOperationException} where there are none. */
  void link(Path link, Path target) throws IOException;

  /** Removes a file, or an empty folder, if it is there. */
  void delete(Path file) throws IOException;

  /** Makes names of a folder outlive a loss of power. */
  void forceNames(Path folder) throws IOException;

  /** Bytes that this user may still write. */
  long usableBytes(Path folder) throws IOException;

  /** A file open for writing. */
  interface Sink extends AutoCloseable {
    void write(ByteBuffer bytes, long position) throws IOException;

    /** Makes the bytes outlive a loss of power. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }
}
