package dev.akvavit.cli;

import dev.akvavit.LanguageModel;
import dev.akvavit.server.AkvavitServer;
import dev.akvavit.server.options.HttpLimits;
import dev.akvavit.server.options.ServerOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code akvavit serve}: models behind a port, until the process is told to end. */
@Command(
    name = "serve",
    header = "Serve models over HTTP in OpenAI's and Anthropic's dialects, with a page at /.",
    description = {
      "Answers requests together, streams, shares cached prefixes. Ctrl-C or SIGTERM takes no more",
      "work, lets running answers come to their end, then leaves."
    },
    footer = {
      "  akvavit serve",
      "  akvavit serve --port 0 -m small=models/Qwen3-0.6B -m models/DeepSeek-V2-Lite --memory"
          + " 20GiB",
      "  akvavit serve --host 0.0.0.0 --api-key \"$(openssl rand -hex 16)\" --allow-host"
          + " llm.example.org",
      "",
      "  curl http://127.0.0.1:8080/v1/completions"
          + " -d '{\"prompt\": \"import java.util.List;\\n\\npublic class Stack<T> {\\n\"}'"
    })
final class ServeCommand implements Callable<Integer> {
  private final Screen screen;
  @Spec private @Nullable CommandSpec spec;
  @Mixin private ServedModels models = new ServedModels();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to bind. Another than loopback needs a key. Default: 127.0.0.1.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "Port to bind; 0 takes a free one and prints it. Default: 8080.")
  private int port;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description = {
        "Ask every request for this key; may be given several times. AKVAVIT_API_KEY is one more.",
        "Callers with different keys share no cached prefixes."
      })
  private List<String> apiKeys = List.of();

  @Option(
      names = "--insecure-no-key",
      description = "Bind an address that others reach, without a key.")
  private boolean withoutKey;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description = "A name by which clients call this server, besides localhost.")
  private List<String> hostNames = List.of();

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      description = "Let pages of this origin call, as in https://app.example.org.")
  private List<String> corsOrigins = List.of();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Close unused models, longest unused first, before weights and caches pass this."
              + " Default: three quarters of the memory there is.")
  private @Nullable String memory;

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      defaultValue = "1800",
      description = "An answer that takes longer ends with what there is. Default: 1800.")
  private int deadline;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long running answers may go on after SIGTERM. Default: 30.")
  private int drain;

  @Option(
      names = "--metrics-compat",
      paramLabel = "NAMES",
      description = "Also give metrics under the names of vllm.")
  private @Nullable MetricNames metricNames;

  @Option(
      names = "--access-log",
      paramLabel = "FILE",
      description = "One line of JSON a request; - is standard error. Default: none.")
  private @Nullable String accessLog;

  /** Whose names metrics have besides our own. */
  enum MetricNames {
    VLLM
  }

  ServeCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = Thread.ofPlatform().unstarted(() -> leave(told, ended));
    try (PrintStream log = openAccessLog();
        AkvavitServer server = start(options(log))) {
      Runtime.getRuntime().addShutdownHook(hook);
      greet(server);
      told.await();
      screen.tell("akvavit: takes no more requests, finishes those that run");
      if (!server.drain()) {
        screen.tell("akvavit: some answers were not done in time and are cut");
      }
    } finally {
      ended.countDown();
    }
    return ExitCode.OK;
  }

  /** Runs while the JVM goes down, and keeps it up until the server has closed. */
  private static void leave(CountDownLatch told, CountDownLatch ended) {
    told.countDown();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private AkvavitServer start(ServerOptions options) {
    try (Progress _ = Progress.show(screen, "loading " + options.models().getFirst().name())) {
      return AkvavitServer.start(options);
    }
  }

  private ServerOptions options(@Nullable PrintStream log) {
    List<String> keys = keys();
    Consumer<String> lines = log == null ? line -> {} : log::println;
    try {
      long allowed =
          memory == null
              ? Machine.read().memoryAvailable() / 4 * 3
              : dev.akvavit.plan.Machine.parseBytes(memory);
      return new ServerOptions(
          models.sources(screen),
          host,
          port,
          keys,
          withoutKey,
          Set.copyOf(hostNames),
          Set.copyOf(corsOrigins),
          allowed,
          Duration.ofSeconds(10),
          Duration.ofSeconds(deadline),
          Duration.ofSeconds(drain),
          metricNames == MetricNames.VLLM,
          HttpLimits.DEFAULT,
          lines,
          line -> screen.tell("akvavit: " + line));
    } catch (IllegalArgumentException e) {
      throw spec == null ? e : new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private List<String> keys() {
    String fromEnvironment = System.getenv().getOrDefault("AKVAVIT_API_KEY", "");
    if (fromEnvironment.isEmpty()) {
      return apiKeys;
    }
    List<String> all = new ArrayList<>(apiKeys);
    all.add(fromEnvironment);
    return all;
  }

  private @Nullable PrintStream openAccessLog() throws IOException {
    if (accessLog == null) {
      return null;
    }
    return accessLog.equals("-")
        ? screen.err()
        : new PrintStream(
            Files.newOutputStream(
                Path.of(accessLog), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            true,
            StandardCharsets.UTF_8);
  }

  private void greet(AkvavitServer server) {
    String address =
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port();
    if (withoutKey && keys().isEmpty()) {
      screen.tell(
          screen.redErr(
              "akvavit: anyone who reaches " + address + " may use it: no key is asked for"));
    }
    server.describe(model -> greet(address, model));
  }

  private void greet(String address, LanguageModel model) {
    Table out = new Table(screen);
    out.title("akvavit serves " + models.names(), address);
    out.row("context", "%,d tokens".formatted(model.engine().limits().maxContext()));
    out.row("attention", model.summary().layers().getFirst().attention());
    out.row(
        "slots",
        "%d at once, %,d tokens of cache in %s"
            .formatted(
                model.engine().limits().maxSequences(),
                (long) model.engine().limits().pages() * model.engine().limits().pageSize(),
                Amounts.bytes(model.cacheBytes())));
    out.row("backend", model.backend());
    out.row("page", address + "/");
    out.row("try", "curl " + address + "/v1/completions -d '{\"prompt\": \"public class \"}'");
    screen.out().flush();
  }
}
