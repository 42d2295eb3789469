package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills one {@link PartFile}: segments side by side by {@code Range}, each tied by {@code If-Range}
 * to the state that the first answer named (RFC 9110, sections 13.1.5 and 14). A server without
 * ranges sends the whole file; one whose file changed starts anew.
 */
final class Download {
  private static final int BUFFER = 1 << 16;
  private static final int RESTARTS = 3;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

  private final HubClient client;
  private final Refusals refusals;
  private final TransferLimits limits;
  private final Pause pause;
  private final PullListener listener;
  private final RepositoryFile file;
  private final URI address;
  private final PartFile part;
  private final AtomicBoolean stopped = new AtomicBoolean();

  Download(Connection connection, RepositoryFile file, URI address, PartFile part) {
    this.client = connection.client();
    this.refusals = connection.refusals();
    this.limits = connection.limits();
    this.pause = connection.pause();
    this.listener = connection.listener();
    this.file = file;
    this.address = address;
    this.part = part;
  }

  /** What all downloads of a pull have in common. */
  record Connection(
      HubClient client,
      Refusals refusals,
      TransferLimits limits,
      Pause pause,
      PullListener listener) {}

  /** What came cannot be continued. */
  private static final class Restart extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final boolean whole;

    Restart(String message, boolean whole) {
      super(message);
      this.whole = whole;
    }
  }

  /**
   * Returns when all bytes are there, right or wrong.
   *
   * @throws HubException when they do not come
   */
  void run() {
    boolean ranges = true;
    for (int restarts = 0; ; restarts++) {
      stopped.set(false);
      try {
        if (ranges) {
          bySegments();
        } else {
          inOneGo();
        }
        return;
      } catch (Restart e) {
        if (restarts == RESTARTS) {
          throw new HubException(
              Reason.BROKEN_ANSWER, file.name() + ": " + e.getMessage() + ", again and again");
        }
        ranges &= !e.whole;
        listener.received(file.name(), -part.restart());
      }
    }
  }

  private void bySegments() {
    part.release();
    int lanes = Math.min(limits.lanes(), part.segments());
    if (lanes <= 1) {
      lane();
      return;
    }
    List<RuntimeException> failures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < lanes; i++) {
        running.add(threads.submit(this::lane));
      }
      running.forEach(lane -> await(lane, threads, failures));
    }
    // A lane that must restart says more than one that merely failed meanwhile.
    failures.stream()
        .filter(Restart.class::isInstance)
        .findFirst()
        .or(() -> failures.stream().findFirst())
        .ifPresent(e -> {
          throw e;
        });
  }

  private void await(Future<?> lane, ExecutorService threads, List<RuntimeException> failures) {
    try {
      lane.get();
    } catch (ExecutionException e) {
      failures.add(
          e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause()));
    } catch (InterruptedException e) {
      threads.shutdownNow();
      failures.add(HubException.interrupted());
    }
  }

  /** Works on one segment after the other, until none is left or another lane fails. */
  private void lane() {
    try {
      for (int segment = part.claim(); segment >= 0 && !stopped.get(); segment = part.claim()) {
        segment(segment);
      }
    } catch (RuntimeException e) {
      stopped.set(true);
      throw e;
    }
  }

  private void segment(int segment) {
    Attempts attempts = new Attempts(file.name(), limits, pause, listener);
    while (!part.isWhole(segment) && !stopped.get()) {
      long before = part.position(segment);
      try {
        receive(segment);
      } catch (IOException e) {
        attempts.failed(e, part.position(segment) > before);
      } finally {
        part.note(segment);
      }
    }
  }

  private void receive(int segment) throws IOException {
    long from = part.position(segment);
    long to = part.end(segment);
    boolean ranged = to - from < file.size();
    Map<String, String> headers = new HashMap<>();
    if (ranged) {
      headers.put("Range", "bytes=" + from + "-" + (to - 1));
      if (!part.validator().isEmpty()) {
        headers.put("If-Range", part.validator());
      }
    }
    try (HubClient.Reply reply = client.get(address, headers)) {
      judge(reply);
      if (ranged && reply.status() == 200) {
        boolean changed = !part.validator().isEmpty() && !part.validator().equals(etag(reply));
        throw changed
            ? new Restart("the file changed on the server", false)
            : new Restart("the server does not send ranges", true);
      }
      if (reply.status() == 206) {
        judgeRange(reply, from, to);
      }
      remember(reply);
      copy(reply, segment, to - from);
      judgeEnd(reply);
    }
  }

  /** One request for all, from the first byte each time: this server knows no other way. */
  private void inOneGo() {
    Attempts attempts = new Attempts(file.name(), limits, pause, listener);
    while (true) {
      try (HubClient.Reply reply = client.get(address, Map.of())) {
        judge(reply);
        for (int segment = 0; segment < part.segments(); segment++) {
          copy(reply, segment, part.end(segment) - part.position(segment));
        }
        judgeEnd(reply);
        return;
      } catch (IOException e) {
        listener.received(file.name(), -part.restart());
        attempts.failed(e, false);
      }
    }
  }

  private void copy(HubClient.Reply reply, int segment, long length) throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, length))];
    for (long left = length; left > 0; ) {
      int n = reply.body().read(buffer, (int) Math.min(buffer.length, left));
      if (n < 0) {
        throw new Refusal("the connection ended %,d bytes early".formatted(left));
      }
      if (stopped.get()) {
        return;
      }
      part.write(segment, buffer, n);
      listener.received(file.name(), n);
      left -= n;
    }
  }

  private void judge(HubClient.Reply reply) throws IOException {
    if (reply.status() == 416) {
      throw otherSize("fewer bytes");
    }
    if (reply.status() != 200 && reply.status() != 206) {
      refusals.refuse(reply, file.name());
    }
    String coding = reply.header("Content-Encoding");
    if (!coding.isEmpty() && !coding.equalsIgnoreCase("identity")) {
      throw new Refusal("found Content-Encoding " + FileNames.shown(coding) + ", asked for none");
    }
    long length = reply.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (reply.status() == 200 && length >= 0 && length != file.size()) {
      throw otherSize("%,d bytes".formatted(length));
    }
    if (reply.linkedSize() >= 0 && reply.linkedSize() != file.size()) {
      throw otherSize("%,d bytes".formatted(reply.linkedSize()));
    }
    if (!reply.linkedDigest().isEmpty() && !reply.linkedDigest().equals(file.digest().hex())) {
      throw new HubException(
          Reason.BROKEN_ANSWER,
          file.name()
              + ": the hub's list names digest "
              + file.digest().hex()
              + ", its file server "
              + FileNames.shown(reply.linkedDigest())
              + "; try again later");
    }
  }

  private void judgeRange(HubClient.Reply reply, long from, long to) throws IOException {
    String told = reply.header("Content-Range");
    Matcher range = CONTENT_RANGE.matcher(told);
    if (!range.matches()
        || Long.parseLong(range.group(1)) != from
        || Long.parseLong(range.group(2)) >= to) {
      throw new Refusal(
          "asked for bytes %d-%d, found %s".formatted(from, to - 1, FileNames.shown(told)));
    }
    if (Long.parseLong(range.group(3)) != file.size()) {
      throw otherSize("%s bytes".formatted(range.group(3)));
    }
    String etag = etag(reply);
    if (!part.validator().isEmpty() && !etag.isEmpty() && !etag.equals(part.validator())) {
      throw new Restart("the file changed on the server", false);
    }
  }

  private void judgeEnd(HubClient.Reply reply) throws IOException {
    if (reply.status() == 200 && !stopped.get() && reply.body().read(new byte[1], 1) > 0) {
      throw otherSize("more bytes");
    }
  }

  private void remember(HubClient.Reply reply) {
    String etag = etag(reply);
    if (part.validator().isEmpty() && !etag.isEmpty()) {
      part.validator(etag);
    }
  }

  /** Only a strong validator proves that ranges belong together (RFC 9110, section 8.8.1). */
  private static String etag(HubClient.Reply reply) {
    String etag = reply.header("ETag");
    return etag.matches("\"[\\x21\\x23-\\x7e]{1,512}\"") ? etag : "";
  }

  private HubException otherSize(String found) {
    return new HubException(
        Reason.BROKEN_ANSWER,
        "%s: the hub's list says %,d bytes, its file server %s; try again later"
            .formatted(file.name(), file.size(), found));
  }
}
