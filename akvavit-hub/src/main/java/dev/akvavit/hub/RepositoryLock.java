package dev.akvavit.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One writer a repository: among processes by a lock on a file, among threads by a lock of the JVM,
 * for the system's file locks belong to processes. It ends with its holder, however that ends.
 */
final class RepositoryLock implements AutoCloseable {
  /** The one thing that all instances share: closing any channel of a file drops its lock. */
  private static final Map<Path, ReentrantLock> OF_THREADS = new ConcurrentHashMap<>();

  private final ReentrantLock ofThreads;
  private final FileChannel channel;

  private RepositoryLock(ReentrantLock ofThreads, FileChannel channel) {
    this.ofThreads = ofThreads;
    this.channel = channel;
  }

  /**
   * Waits until nobody else writes.
   *
   * @throws HubException when the lock file cannot be written, or the thread is interrupted
   */
  static RepositoryLock of(Path file, PullListener listener) {
    ReentrantLock threads =
        OF_THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), p -> new ReentrantLock());
    if (!threads.tryLock()) {
      listener.waiting("another thread fetches or removes this model");
      try {
        threads.lockInterruptibly();
      } catch (InterruptedException e) {
        throw HubException.interrupted();
      }
    }
    try {
      return new RepositoryLock(threads, locked(file, listener));
    } catch (IOException e) {
      threads.unlock();
      throw HubException.disk(file, e);
    } catch (RuntimeException e) {
      threads.unlock();
      throw e;
    }
  }

  private static FileChannel locked(Path file, PullListener listener) throws IOException {
    Files.createDirectories(file.getParent());
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        listener.waiting("another process fetches or removes this model");
        channel.lock();
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new HubException(HubException.Reason.DISK, "lock: " + e, e);
    } finally {
      ofThreads.unlock();
    }
  }
}
