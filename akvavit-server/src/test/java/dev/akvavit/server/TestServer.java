package dev.akvavit.server;

import dev.akvavit.ModelOptions;
import dev.akvavit.engine.PageMap;
import dev.akvavit.engine.PageState;
import dev.akvavit.server.http.Json;
import dev.akvavit.server.options.HttpLimits;
import dev.akvavit.server.options.ModelSource;
import dev.akvavit.server.options.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** A server of tiny models in this process, on a free port, and a client for it. */
final class TestServer implements AutoCloseable {
  static final String MODEL = "tiny";

  private static final Path FOLDER = write();

  final AkvavitServer server;
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final List<String> accessLog = Collections.synchronizedList(new ArrayList<>());

  /** What may differ from one test to another. */
  record Setting(
      List<ModelSource> models,
      List<String> keys,
      Set<String> hosts,
      Set<String> origins,
      HttpLimits limits,
      Duration heartbeat,
      Duration deadline,
      Duration drain,
      boolean vllm) {
    static final Setting USUAL =
        new Setting(
            List.of(new ModelSource(MODEL, FOLDER, tinyOptions())),
            List.of(),
            Set.of(),
            Set.of(),
            HttpLimits.DEFAULT,
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            Duration.ofSeconds(20),
            true);

    Setting withModels(ModelSource... all) {
      return new Setting(
          List.of(all), keys, hosts, origins, limits, heartbeat, deadline, drain, vllm);
    }

    Setting withOptions(UnaryOperator<ModelOptions> change) {
      return withModels(new ModelSource(MODEL, FOLDER, change.apply(tinyOptions())));
    }

    Setting withKeys(String... all) {
      return new Setting(
          models, List.of(all), hosts, origins, limits, heartbeat, deadline, drain, vllm);
    }

    Setting withNames(Set<String> allowed, Set<String> from) {
      return new Setting(models, keys, allowed, from, limits, heartbeat, deadline, drain, vllm);
    }

    Setting withLimits(HttpLimits other) {
      return new Setting(models, keys, hosts, origins, other, heartbeat, deadline, drain, vllm);
    }

    Setting withTimes(Duration beat, Duration end, Duration last) {
      return new Setting(models, keys, hosts, origins, limits, beat, end, last, vllm);
    }
  }

  private TestServer(Setting s) {
    server =
        AkvavitServer.start(
            new ServerOptions(
                s.models(),
                "127.0.0.1",
                0,
                s.keys(),
                false,
                s.hosts(),
                s.origins(),
                Long.MAX_VALUE,
                s.heartbeat(),
                s.deadline(),
                s.drain(),
                s.vllm(),
                s.limits(),
                accessLog::add,
                line -> {}));
  }

  static TestServer start() {
    return new TestServer(Setting.USUAL);
  }

  static TestServer start(UnaryOperator<Setting> change) {
    return new TestServer(change.apply(Setting.USUAL));
  }

  static Path folder() {
    return FOLDER;
  }

  static ModelOptions tinyOptions() {
    return ModelOptions.DEFAULT.withThreads(1).withMaxSequences(16).withCacheTokens(16 * 1024);
  }

  private static Path write() {
    try {
      Path folder = TinyChatModel.write(Files.createTempDirectory("akvavit-tiny-chat"));
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.port();
  }

  String address() {
    return "http://127.0.0.1:" + port();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address() + path)).timeout(Duration.ofMinutes(2));
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET().build());
  }

  HttpResponse<String> post(String path, Object body) {
    return post(path, Json.text(body));
  }

  HttpResponse<String> post(String path, String body) {
    return send(request(path).POST(BodyPublishers.ofString(body)).build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      ErrorBodies.check(response);
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Posts what must succeed. */
  JsonNode answer(String path, Object body) {
    HttpResponse<String> response = post(path, body);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    return Json.tree(response.body());
  }

  /** The events of a stream: each one's data, without comments. */
  List<String> events(String path, Object body) {
    return events(post(path, body).body());
  }

  static List<String> events(String stream) {
    return stream.lines().filter(l -> l.startsWith("data: ")).map(l -> l.substring(6)).toList();
  }

  /** Pages that requests hold now. */
  int heldPages() {
    int[] held = new int[1];
    server.describe(model -> {
      try {
        PageMap map = model.engine().pageMap(Long.MAX_VALUE);
        held[0] = map.count(PageState.USED) + map.count(PageState.SHARED);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    return held[0];
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
