package dev.akvavit.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Loads a running server with 1, 4, 16 and 64 streaming clients and prints what each number of them
 * gets: batching has to raise the tokens a second of all together.
 *
 * <pre>
 * akvavit serve --slots 64 --context 1024 &amp;
 * java -cp … dev.akvavit.bench.ServerLoad http://127.0.0.1:8080 20
 * </pre>
 */
public final class ServerLoad {
  private static final int[] CLIENTS = {1, 4, 16, 64};
  private static final int TOKENS = 64;
  private static final Pattern USAGE = Pattern.compile("\"completion_tokens\":(\\d+)");

  private final URI address;
  private final Duration time;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ServerLoad(URI address, Duration time) {
    this.address = address;
    this.time = time;
  }

  /** What one number of clients got. Times in nanoseconds, sorted. */
  private record Result(
      int clients, int answers, double tokensPerSecond, long[] firsts, long[] gaps, int errors) {}

  /**
   * @param args the server's address and the seconds for each number of clients
   */
  public static void main(String[] args) throws InterruptedException, ExecutionException {
    if (args.length != 2) {
      throw new IllegalArgumentException(
          "found " + args.length + " arguments, allowed: the server's address, seconds");
    }
    ServerLoad load =
        new ServerLoad(URI.create(args[0]), Duration.ofSeconds(Long.parseLong(args[1])));
    PrintStream out = System.err;
    load.run(2, Duration.ofSeconds(5)); // warm
    out.println(
        "| clients | answers | tokens/s | factor | first token p50, p99 ms | gap p50, p99 ms |"
            + " errors |");
    out.println("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    double alone = 0;
    for (int clients : CLIENTS) {
      Result r = load.run(clients, load.time);
      alone = alone == 0 ? r.tokensPerSecond() : alone;
      out.printf(
          "| %d | %d | %.1f | %.2f | %s | %s | %d |%n",
          r.clients(),
          r.answers(),
          r.tokensPerSecond(),
          r.tokensPerSecond() / alone,
          percentiles(r.firsts()),
          percentiles(r.gaps()),
          r.errors());
    }
  }

  private static String percentiles(long[] sorted) {
    return sorted.length == 0
        ? "-"
        : "%.1f, %.1f"
            .formatted(sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6);
  }

  private Result run(int clients, Duration length) throws InterruptedException, ExecutionException {
    ConcurrentLinkedQueue<Long> firsts = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> gaps = new ConcurrentLinkedQueue<>();
    AtomicLong tokens = new AtomicLong();
    AtomicInteger answers = new AtomicInteger();
    AtomicInteger errors = new AtomicInteger();
    long start = System.nanoTime();
    long end = start + length.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int number = i;
        running.add(
            threads.submit(() -> {
              for (int k = 0; System.nanoTime() < end; k++) {
                int got = ask("class Number" + number + "_" + k + " {", firsts, gaps);
                tokens.addAndGet(Math.max(0, got));
                (got < 0 ? errors : answers).incrementAndGet();
              }
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        clients, answers.get(), tokens.get() / seconds, sorted(firsts), sorted(gaps), errors.get());
  }

  /** Tokens of one streamed answer; -1 when it was refused or cut. */
  private int ask(
      String prompt, ConcurrentLinkedQueue<Long> firsts, ConcurrentLinkedQueue<Long> gaps) {
    String body =
        "{\"prompt\": \"%s\", \"max_tokens\": %d, \"temperature\": 0, \"stream\": true, \"stream_options\": {\"include_usage\": true}}"
            .formatted(prompt, TOKENS);
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/v1/completions"))
            .POST(BodyPublishers.ofString(body))
            .build();
    Reading reading = new Reading(System.nanoTime(), firsts, gaps);
    try {
      HttpResponse<Stream<String>> response = client.send(request, BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        lines.filter(line -> line.startsWith("data: ")).forEach(reading::event);
      }
      return response.statusCode() == 200 && reading.done ? reading.tokens : -1;
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  /** One stream while it is read. */
  private static final class Reading {
    private final ConcurrentLinkedQueue<Long> firsts;
    private final ConcurrentLinkedQueue<Long> gaps;
    private long last;
    private boolean begun;
    private boolean done;
    private int tokens;

    Reading(long start, ConcurrentLinkedQueue<Long> firsts, ConcurrentLinkedQueue<Long> gaps) {
      last = start;
      this.firsts = firsts;
      this.gaps = gaps;
    }

    void event(String line) {
      if (line.equals("data: [DONE]")) {
        done = true;
        return;
      }
      Matcher usage = USAGE.matcher(line);
      if (usage.find()) {
        tokens = Integer.parseInt(usage.group(1));
        return;
      }
      long now = System.nanoTime();
      (begun ? gaps : firsts).add(now - last);
      begun = true;
      last = now;
    }
  }

  private static long[] sorted(ConcurrentLinkedQueue<Long> values) {
    return values.stream().mapToLong(v -> v).sorted().toArray();
  }
}
