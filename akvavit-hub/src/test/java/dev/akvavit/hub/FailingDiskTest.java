package dev.akvavit.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call to the disk fails once, at every position; power is lost before every call. */
class FailingDiskTest {
  /** More calls than a pull makes. */
  private static final int ENOUGH = 1_000;

  @TempDir private Path folders;
  private final StubHub stub = new StubHub();

  @BeforeEach
  void fill() {
    HubFixture.addModel(stub, 2_200, 1);
  }

  @AfterEach
  void close() throws IOException {
    stub.close();
  }

  @Test
  void afterAnyFailingCallTheNextPullIsRight() throws IOException {
    int failed = 0;
    for (int k = 1; k < ENOUGH; k++) {
      Path cache = folders.resolve("k" + k);
      CountingDisk disk = new CountingDisk(k);
      if (succeeds(disk, cache)) {
        HubFixture.assertWhole(stub, cache);
        assertThat(failed).as("calls that failed").isGreaterThan(40).isGreaterThanOrEqualTo(k - 3);
        return;
      }
      failed++;
      HubFixture.assertNothingWrongIsShown(stub, cache);
      HubFixture.hub(stub, cache).pull(HubFixture.REFERENCE, PullListener.SILENT);
      HubFixture.assertWhole(stub, cache);
    }
    assertThat(failed).as("a pull that never passes").isLessThan(ENOUGH - 1);
  }

  private boolean succeeds(CountingDisk disk, Path cache) {
    Hub hub =
        new Hub(HubFixture.settings(stub, cache), disk, HubFixture.LIMITS, HubFixture.NO_PAUSE);
    try {
      hub.pull(HubFixture.REFERENCE, PullListener.SILENT);
      return !disk.failed();
    } catch (HubException e) {
      assertThat(e).hasMessageContaining("call ");
      assertThat(e.reason()).isEqualTo(HubException.Reason.DISK);
      return false;
    }
  }

  @Test
  void afterAnyLossOfPowerTheNextPullIsRight() throws IOException {
    for (int k = 1; k < ENOUGH; k++) {
      Path cache = folders.resolve("p" + k);
      CountingDisk disk = new CountingDisk(k);
      if (succeeds(disk, cache)) {
        return;
      }
      disk.losePower();
      HubFixture.assertNothingWrongIsShown(stub, cache);
      HubFixture.hub(stub, cache).pull(HubFixture.REFERENCE, PullListener.SILENT);
      HubFixture.assertWhole(stub, cache);
    }
    throw new AssertionError("a pull that never passes");
  }

  @Test
  void theSimulatedLossLosesWhatWasNotForced() throws IOException {
    CountingDisk disk = new CountingDisk(ENOUGH);
    Path file = folders.resolve("file");
    try (Disk.Sink sink = disk.open(file)) {
      sink.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      disk.losePower();
      assertThat(Files.readAllBytes(file)).containsOnly(0);
      sink.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      sink.force();
    }
    disk.losePower();
    assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> new CountingDisk(1).open(file)).hasMessage("call 1 fails");
  }

  /** Fails from the k-th call on, as a machine does that dies there; knows what was not forced. */
  private static final class CountingDisk extends ForwardingDisk {
    private final int failing;
    private final AtomicInteger calls = new AtomicInteger();
    private final Set<Path> unforced = ConcurrentHashMap.newKeySet();

    CountingDisk(int failing) {
      super(new LocalDisk());
      this.failing = failing;
    }

    boolean failed() {
      return calls.get() >= failing;
    }

    private void call() throws IOException {
      int call = calls.incrementAndGet();
      if (call >= failing) {
        throw new IOException("call " + call + " fails");
      }
    }

    /** What was written and not forced becomes zeros. */
    void losePower() throws IOException {
      for (Path file : unforced) {
        if (Files.isRegularFile(file)) {
          Files.write(file, new byte[(int) Files.size(file)]);
        }
      }
    }

    @Override
    public void makeFolder(Path folder) throws IOException {
      call();
      super.makeFolder(folder);
    }

    @Override
    public Sink open(Path file) throws IOException {
      call();
      Sink sink = super.open(file);
      return new Sink() {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
          call();
          unforced.add(file);
          sink.write(bytes, position);
        }

        @Override
        public void force() throws IOException {
          call();
          sink.force();
          unforced.remove(file);
        }

        @Override
        public void close() throws IOException {
          sink.close();
        }
      };
    }

    @Override
    public void append(Path file, String text) throws IOException {
      call();
      super.append(file, text);
    }

    @Override
    public void write(Path file, String text) throws IOException {
      call();
      super.write(file, text);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      call();
      super.rename(from, to);
      if (unforced.remove(from)) {
        unforced.add(to);
      }
    }

    @Override
    public void link(Path link, Path target) throws IOException {
      call();
      super.link(link, target);
    }

    @Override
    public void delete(Path file) throws IOException {
      call();
      super.delete(file);
    }

    @Override
    public void forceNames(Path folder) throws IOException {
      call();
      super.forceNames(folder);
    }

    @Override
    public long usableBytes(Path folder) throws IOException {
      call();
      return super.usableBytes(folder);
    }
  }
}
