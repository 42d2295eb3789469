package dev.akvavit.hub;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * A hub on two ports of the loopback: the hub itself, which redirects large files, and its file
 * server. Raw sockets, for it must be able to lie and to die at any byte.
 */
public final class StubHub implements AutoCloseable {
  private static final int LARGE = 1024;

  /** What somebody asked. */
  public record Request(boolean fromFileServer, String path, Map<String, String> headers) {
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** Whether bytes of a file are asked for, rather than a list or an address. */
    public boolean isFile() {
      return fromFileServer || path.contains("/resolve/");
    }
  }

  /** What is about to be answered; trouble changes it. */
  public static final class Answer {
    public int status = 200;
    public final Map<String, String> headers = new LinkedHashMap<>();
    public byte[] body = new byte[0];

    /** The connection ends after so many bytes of the body. */
    public long cutAt = Long.MAX_VALUE;

    /** After so many bytes of the body nothing more comes, and the connection stays. */
    public long stallAt = Long.MAX_VALUE;

    /** A length told instead of the true one. */
    public long claimedLength = -1;

    /** Bytes a second, for eyes; 0 is as fast as it goes. */
    public long bytesPerSecond;
  }

  /** Does something to an answer. */
  public interface Trouble {
    void with(Request request, Answer answer);
  }

  public static final Trouble NONE = (request, answer) -> {};

  private final ServerSocket hub = open();
  private final ServerSocket files = open();
  private final Map<String, Map<String, byte[]>> models = new ConcurrentHashMap<>();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Trouble trouble = NONE;

  public StubHub() {
    Thread.ofVirtual().start(() -> serve(hub, false));
    Thread.ofVirtual().start(() -> serve(files, true));
  }

  /**
   * A hub to look at a progress bar with: serves a folder as a model, and prints its address.
   *
   * @param args the folder, {@code owner/name}, bytes a second of each connection
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    StubHub stub = new StubHub();
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        stub.put(args[1], file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    long rate = Long.parseLong(args[2]);
    stub.trouble((request, answer) -> answer.bytesPerSecond = request.fromFileServer() ? rate : 0);
    System.err.println(stub.endpoint());
    Thread.currentThread().join();
  }

  private static ServerSocket open() {
    try {
      return new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + hub.getLocalPort());
  }

  public void trouble(Trouble next) {
    trouble = next;
  }

  /** All that was asked since the last call. */
  public List<Request> requests() {
    List<Request> seen = List.copyOf(requests);
    requests.clear();
    return seen;
  }

  /** Adds or replaces a file of a model, which makes another commit. */
  public StubHub put(String model, String name, byte[] bytes) {
    models.computeIfAbsent(model, k -> new TreeMap<>()).put(name, bytes);
    blobs.put(digest(bytes), bytes);
    return this;
  }

  public StubHub put(String model, String name, String text) {
    return put(model, name, text.getBytes(StandardCharsets.UTF_8));
  }

  public Map<String, byte[]> files(String model) {
    return models.getOrDefault(model, Map.of());
  }

  /** Depends on names and bytes, as git's does. */
  public String commit(String model) {
    StringBuilder all = new StringBuilder();
    files(model).forEach((name, bytes) -> all.append(name).append(digest(bytes)));
    return hash("SHA-1", all.toString().getBytes(StandardCharsets.UTF_8));
  }

  static String digest(byte[] bytes) {
    if (bytes.length >= LARGE) {
      return hash("SHA-256", bytes);
    }
    byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, all, head.length, bytes.length);
    return hash("SHA-1", all);
  }

  private static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(ServerSocket server, boolean fileServer) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> handle(socket, fileServer));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void handle(Socket socket, boolean fileServer) {
    try (socket) {
      Request request = read(new BufferedInputStream(socket.getInputStream()), fileServer);
      requests.add(request);
      Answer answer = answer(request);
      trouble.with(request, answer);
      if (request.header(":method").equals("HEAD")) {
        answer.claimedLength = answer.body.length;
        answer.body = new byte[0];
      }
      write(socket.getOutputStream(), answer);
    } catch (IOException e) {
      // the client went away, as it may
    }
  }

  private static Request read(InputStream in, boolean fileServer) throws IOException {
    String first = line(in);
    String[] words = first.split(" ");
    if (words.length < 2) {
      throw new IOException("no request");
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    headers.put(":method", words[0]);
    return new Request(fileServer, URLDecoder.decode(words[1], StandardCharsets.UTF_8), headers);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private Answer answer(Request request) {
    Answer answer = new Answer();
    String path = request.path();
    if (request.fromFileServer()) {
      bytes(request, answer, blobs.get(path.substring(1)));
      return answer;
    }
    for (Map.Entry<String, Map<String, byte[]>> model : models.entrySet()) {
      String name = model.getKey();
      if (path.startsWith("/api/models/" + name + "/revision/")) {
        answer.body = listing(name).getBytes(StandardCharsets.UTF_8);
        answer.headers.put("Content-Type", "application/json");
        return answer;
      }
      String files = "/" + name + "/resolve/";
      if (path.startsWith(files)) {
        String rest = path.substring(files.length());
        byte[] file = model.getValue().get(rest.substring(rest.indexOf('/') + 1));
        file(request, answer, file, commit(name));
        return answer;
      }
    }
    answer.status = 404;
    answer.headers.put("X-Error-Code", "RepoNotFound");
    return answer;
  }

  private void file(Request request, Answer answer, byte[] file, String commit) {
    if (file == null) {
      answer.status = 404;
      answer.headers.put("X-Error-Code", "EntryNotFound");
      return;
    }
    answer.headers.put("X-Repo-Commit", commit);
    if (file.length < LARGE) {
      bytes(request, answer, file);
      return;
    }
    answer.status = 302;
    answer.headers.put("X-Linked-Etag", "\"" + digest(file) + "\"");
    answer.headers.put("X-Linked-Size", "" + file.length);
    answer.headers.put("ETag", "\"" + digest(file) + "\"");
    answer.headers.put("Location", "http://localhost:" + files.getLocalPort() + "/" + digest(file));
  }

  private static void bytes(Request request, Answer answer, byte[] file) {
    String etag = "\"" + digest(file) + "\"";
    answer.headers.put("ETag", etag);
    answer.headers.put("Accept-Ranges", "bytes");
    String range = request.header("Range");
    boolean same = request.header("If-Range").isEmpty() || request.header("If-Range").equals(etag);
    if (!range.startsWith("bytes=") || !same) {
      answer.body = file;
      return;
    }
    String[] ends = range.substring(6).split("-", -1);
    int from = Integer.parseInt(ends[0]);
    int to = ends[1].isEmpty() ? file.length - 1 : Integer.parseInt(ends[1]);
    answer.status = 206;
    answer.body = Arrays.copyOfRange(file, from, Math.min(to + 1, file.length));
    answer.headers.put(
        "Content-Range",
        "bytes %d-%d/%d".formatted(from, from + answer.body.length - 1, file.length));
  }

  private String listing(String model) {
    StringBuilder json = new StringBuilder("{\"id\":\"" + model + "\",\"siblings\":[");
    files(model)
        .forEach((name, bytes) -> {
          String escaped = name.replace("\\", "\\\\").replace("\0", "\\u0000");
          String digest = digest(bytes);
          json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
              .append("{\"rfilename\":\"%s\",\"size\":%d".formatted(escaped, bytes.length));
          if (bytes.length < LARGE) {
            json.append(",\"blobId\":\"%s\"}".formatted(digest));
          } else {
            json.append(
                ",\"blobId\":\"%s\",\"lfs\":{\"sha256\":\"%s\",\"size\":%d,\"pointerSize\":134}}"
                    .formatted("0".repeat(40), digest, bytes.length));
          }
        });
    return json + "],\"gated\":false,\"sha\":\"" + commit(model) + "\"}";
  }

  private void write(OutputStream out, Answer answer) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status + " Stub\r\n");
    answer.headers.forEach((k, v) -> head.append(k).append(": ").append(v).append("\r\n"));
    long length = answer.claimedLength < 0 ? answer.body.length : answer.claimedLength;
    head.append("Content-Length: ").append(length).append("\r\nConnection: close\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.UTF_8));
    int end = (int) Math.min(answer.body.length, Math.min(answer.cutAt, answer.stallAt));
    if (answer.bytesPerSecond > 0) {
      slowly(out, answer, end);
    } else {
      out.write(answer.body, 0, end);
    }
    out.flush();
    if (answer.stallAt < answer.body.length) {
      await(closing);
    }
  }

  private static void slowly(OutputStream out, Answer answer, int end) throws IOException {
    int step = (int) Math.max(1, answer.bytesPerSecond / 20);
    for (int at = 0; at < end; at += step) {
      out.write(answer.body, at, Math.min(step, end - at));
      out.flush();
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    hub.close();
    files.close();
  }
}
