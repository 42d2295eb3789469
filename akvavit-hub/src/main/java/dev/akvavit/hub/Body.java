package dev.akvavit.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of an answer, given up when none comes for too long: the JDK's client bounds the time
 * to the headers only.
 */
final class Body implements AutoCloseable {
  private static final int BUFFER = 1 << 13;

  private final InputStream in;
  private final Duration stall;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong reads = new AtomicLong();
  private volatile boolean reading;
  private volatile boolean stalled;

  Body(InputStream in, Duration stall) {
    this.in = in;
    this.stall = stall;
    Thread.ofVirtual().name("akvavit-hub-watch").start(this::watch);
  }

  /** As {@link InputStream#read(byte[], int, int)}. */
  int read(byte[] buffer, int length) throws IOException {
    reading = true;
    try {
      int n = in.read(buffer, 0, length);
      reads.incrementAndGet();
      if (!stalled) {
        return n;
      }
    } catch (IOException e) {
      if (!stalled) {
        throw new Refusal("the connection was cut", e);
      }
    } finally {
      reading = false;
    }
    throw new Refusal("no byte came for " + stall.toSeconds() + " s");
  }

  /** All of it, if it is not more than allowed. */
  byte[] readAll(int most) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    for (int n = read(buffer, BUFFER); n >= 0; n = read(buffer, BUFFER)) {
      all.write(buffer, 0, n);
      if (all.size() > most) {
        throw new Refusal("found an answer of more than " + most + " bytes");
      }
    }
    return all.toByteArray();
  }

  private void watch() {
    try {
      long before = -1;
      while (!closed.await(stall.toMillis(), TimeUnit.MILLISECONDS)) {
        long now = reads.get();
        if (reading && now == before) {
          stalled = true;
          in.close();
          return;
        }
        before = now;
      }
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      in.close();
    } catch (IOException e) {
      reading = false; // the connection is gone, which is what was asked for
    }
  }
}
