package dev.akvavit.cli;

import dev.akvavit.Shapes;
import dev.akvavit.hub.CachedModel;
import dev.akvavit.hub.Hub;
import dev.akvavit.hub.HubException;
import dev.akvavit.hub.HubSettings;
import dev.akvavit.hub.ModelReference;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Names of models, wherever a command takes one: a path, or a model of the hub. */
final class HubArguments {
  private static final String FOLDER_OR_FILE =
      "a folder with config.json, tokenizer.json and safetensors, or a .gguf file";

  @Option(
      names = "--offline",
      description = "Ask nothing of the network: the cache has it or not. Also HF_HUB_OFFLINE=1.")
  private boolean offline;

  @Option(
      names = "--progress",
      paramLabel = "HOW",
      description = "Of downloads: bar, plain, json or none. Default: bar on a terminal, or plain.")
  private PullProgress.@Nullable How progress;

  @Option(
      names = "--hub-cache",
      paramLabel = "DIR",
      description = "Where models of the hub lie. Default: HF_HUB_CACHE, HF_HOME/hub, or Python's.")
  private @Nullable Path cache;

  @Option(
      names = "--hub-endpoint",
      paramLabel = "URL",
      description = "The hub. Default: HF_ENDPOINT, or https://huggingface.co.")
  private @Nullable String endpoint;

  /** The hub and its cache, as the options and the environment say. */
  Hub hub() {
    Map<String, String> env = new HashMap<>(System.getenv());
    if (cache != null) {
      env.put("HF_HUB_CACHE", cache.toString());
    }
    if (endpoint != null) {
      env.put("HF_ENDPOINT", endpoint);
    }
    HubSettings settings = HubSettings.of(env, Path.of(System.getProperty("user.home")));
    return new Hub(offline ? settings.withOffline() : settings);
  }

  /** How a download is shown. */
  PullProgress progress(Screen screen) {
    return PullProgress.show(screen, progress);
  }

  /**
   * The folder or file that a name means: what lies there, else what the cache holds, else what the
   * hub has, which is fetched.
   *
   * @throws CommandException when it means nothing, or does not come
   */
  Path resolve(String name, Screen screen) {
    Path path = path(name);
    if (path != null && Files.exists(path)) {
      return path;
    }
    if (!ModelReference.isReference(name)) {
      throw new CommandException(
          "-m: found "
              + name
              + ", which does not exist; allowed: "
              + FOLDER_OR_FILE
              + ", or a model of the hub as owner/name"
              + didYouMean(name));
    }
    try (PullProgress shown = progress(screen)) {
      return hub().fetch(ModelReference.parse(name), shown);
    } catch (HubException e) {
      boolean unknown =
          e.reason() == HubException.Reason.NOT_FOUND || e.reason() == HubException.Reason.OFFLINE;
      throw new CommandException(
          unknown
              ? "-m: found no folder " + name + "; " + e.getMessage() + didYouMean(name)
              : String.valueOf(e.getMessage()));
    }
  }

  /**
   * What a plan is made from: the name itself where it is a path or no model of the hub, else what
   * the cache holds or {@code config.json} fetched alone.
   *
   * @throws CommandException when the hub does not give it
   */
  String planned(String name, Screen screen) {
    Path path = path(name);
    if (path != null && Files.exists(path)
        || Shapes.plannedNames().contains(name)
        || !ModelReference.isReference(name)) {
      return name;
    }
    try (PullProgress shown = progress(screen)) {
      return hub().config(ModelReference.parse(name), shown).toString();
    } catch (HubException e) {
      throw new CommandException("MODEL: " + e.getMessage() + didYouMean(name));
    }
  }

  /**
   * As {@link #resolve}, of the kinds that a model is opened by: a folder, or a GGUF file.
   *
   * @throws CommandException also when it is another file
   */
  Path model(String name, Screen screen) {
    Path path = resolve(name, screen);
    if (!Files.isDirectory(path) && !path.toString().endsWith(".gguf")) {
      throw new CommandException("-m: found " + path + ", a file; allowed: " + FOLDER_OR_FILE);
    }
    return path;
  }

  /** What people call it: the last part of a path, or the hub's name as it was given. */
  static String name(String model) {
    Path path = path(model);
    return path != null && Files.exists(path)
        ? String.valueOf(path.toAbsolutePath().normalize().getFileName())
        : model;
  }

  private static @Nullable Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** The cached model whose name, with its owner or without, is nearest. */
  private String didYouMean(String name) {
    List<String> known = new ArrayList<>();
    List<CachedModel> cached;
    try {
      cached = hub().list();
    } catch (HubException e) {
      return ""; // this is a hint, not the failure
    }
    for (CachedModel model : cached) {
      String full = model.model();
      String own = full.substring(full.indexOf('/') + 1);
      if (own.equalsIgnoreCase(name)) {
        return "; did you mean " + full + "?";
      }
      known.add(full);
    }
    String near = Spelling.nearest(name, known);
    return near.isEmpty() || near.equals(name) ? "" : "; did you mean " + near + "?";
  }
}
