package dev.akvavit.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How far each segment of a file on its way has come, beside the file. Lines are added after the
 * bytes they tell of, so after a kill they never say too much; after a loss of power they may, and
 * the digest finds out.
 *
 * <p>The text is {@code akvavit 1 SIZE SEGMENT}, then lines {@code s INDEX BYTES} and {@code e
 * ETAG}; the last of each kind counts, and a line cut off at the end does not.
 *
 * @param size of the file
 * @param segment bytes of all segments but the last
 */
record PartJournal(Disk disk, Path part, Path file, long size, long segment) {
  private static final Pattern PROGRESS = Pattern.compile("s \\d{1,9} \\d{1,18}");

  static PartJournal beside(Disk disk, Path blob, long size, long segment) {
    String name = blob.getFileName().toString();
    return new PartJournal(
        disk,
        blob.resolveSibling(name + CacheLayout.PART),
        blob.resolveSibling(name + CacheLayout.JOURNAL),
        size,
        segment);
  }

  /**
   * What is known of the part.
   *
   * @param done bytes of each segment that are there
   * @param validator what the server called this state of the file; empty when unknown
   */
  record State(long[] done, String validator) {
    long present() {
      return Arrays.stream(done).sum();
    }
  }

  State nothing() {
    return new State(new long[Math.toIntExact(Math.ceilDiv(size, segment))], "");
  }

  /** What an earlier attempt left; nothing when it does not fit this file. */
  State recall() throws IOException {
    if (!Files.isRegularFile(part) || !Files.isRegularFile(file)) {
      return nothing();
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(header())) {
      return nothing();
    }
    String validator = "";
    State state = nothing();
    long[] done = state.done();
    long written = 0;
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith("e ")) {
        validator = line.substring(2);
        continue;
      }
      String[] words = line.split(" ");
      if (!PROGRESS.matcher(line).matches() || Integer.parseInt(words[1]) >= done.length) {
        return nothing();
      }
      int index = Integer.parseInt(words[1]);
      done[index] = Long.parseLong(words[2]);
      if (start(index) + done[index] > end(index)) {
        return nothing();
      }
      written = Math.max(written, start(index) + done[index]);
    }
    return Files.size(part) >= written ? new State(done, validator) : nothing();
  }

  long start(int index) {
    return index * segment;
  }

  /** Position after the last byte of a segment. */
  long end(int index) {
    return Math.min(size, start(index) + segment);
  }

  private String header() {
    return "akvavit 1 %d %d".formatted(size, segment);
  }

  void begin() throws IOException {
    disk.write(file, header() + "\n");
  }

  void progress(int index, long bytes) throws IOException {
    disk.append(file, "s " + index + " " + bytes + "\n");
  }

  void validator(String etag) throws IOException {
    disk.append(file, "e " + etag + "\n");
  }
}
