package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What of a repository is fetched: settings, tokenizer, templates and safetensors, or one GGUF
 * model. Never pickle files ({@code .bin}, {@code .pt}) and never programs: both run code.
 */
final class NeededFiles {
  static final String CONFIG = "config.json";
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** Any of them makes a tokenizer. */
  static final List<String> TOKENIZERS =
      List.of("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt");

  private static final Pattern SETTINGS =
      Pattern.compile(
          "config[^/]*\\.json|generation_config\\.json|tokenizer\\.(json|model)"
              + "|tokenizer_config\\.json|special_tokens_map\\.json|added_tokens\\.json"
              + "|vocab\\.(json|txt)|merges\\.txt|[^/]*\\.tiktoken|chat_template\\.(jinja|json)"
              + "|additional_chat_templates/[^/]*\\.jinja");
  private static final Pattern PICKLES = Pattern.compile(".*\\.(bin|pt|pth|ckpt|h5|msgpack)");
  private static final JsonFactory JSON = new JsonFactory();

  private final String model;
  private final RepositoryListing listing;

  NeededFiles(String model, RepositoryListing listing) {
    this.model = model;
    this.listing = listing;
  }

  /** The index of the shards, which has to be read before the shards are known. */
  Optional<RepositoryFile> index() {
    return listing.file(SINGLE).isPresent() ? Optional.empty() : listing.file(INDEX);
  }

  /** One model of the repository's GGUF files. */
  List<RepositoryFile> gguf(String variant) {
    List<String> names = listing.files().stream().map(RepositoryFile::name).toList();
    return new GgufChoice(model, names)
        .files(variant).stream().map(name -> required(FileNames.require(name))).toList();
  }

  /** Whether only GGUF files hold weights here. */
  boolean isGguf() {
    return listing.file(SINGLE).isEmpty()
        && listing.file(INDEX).isEmpty()
        && listing.files().stream().anyMatch(f -> f.name().endsWith(ModelReference.GGUF));
  }

  /**
   * Settings first, weights last: a folder that shows its weights has all else.
   *
   * @param shards names from the index; empty without one
   */
  List<RepositoryFile> safetensors(Set<String> shards) {
    List<RepositoryFile> needed = new ArrayList<>();
    for (RepositoryFile file : listing.files()) {
      if (SETTINGS.matcher(file.name()).matches()) {
        FileNames.require(file.name());
        needed.add(file);
      }
    }
    if (listing.file(CONFIG).isEmpty()) {
      throw unsupported("no " + CONFIG);
    }
    index().ifPresent(needed::add);
    if (!shards.isEmpty()) {
      shards.forEach(name -> needed.add(required(name)));
    } else if (listing.file(SINGLE).isPresent()) {
      needed.add(required(SINGLE));
    } else {
      boolean pickled = listing.files().stream().anyMatch(f -> PICKLES.matcher(f.name()).matches());
      throw unsupported(
          pickled ? "weights only in files that run code when they are read" : "no weights");
    }
    return List.copyOf(needed);
  }

  private RepositoryFile required(String name) {
    return listing
        .file(name)
        .orElseThrow(() ->
            new HubException(
                Reason.BROKEN_ANSWER,
                model
                    + ": "
                    + INDEX
                    + " names "
                    + FileNames.shown(name)
                    + ", which the repository lacks"));
  }

  private HubException unsupported(String found) {
    return new HubException(
        Reason.UNSUPPORTED,
        model
            + ": found "
            + found
            + ", allowed: config.json with "
            + SINGLE
            + " or its index, or"
            + " GGUF files");
  }

  /**
   * Names of the files that an index names, in order.
   *
   * @param where the index, for messages
   */
  static Set<String> shards(Path where, byte[] index) {
    Set<String> names = new TreeSet<>();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), index)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean map = json.currentName().equals("weight_map");
        JsonToken value = json.nextToken();
        while (map && value != null && (value = json.nextToken()) != JsonToken.END_OBJECT) {
          if (value == JsonToken.VALUE_STRING) {
            names.add(FileNames.require(json.getString()));
          }
        }
        json.skipChildren();
      }
    } catch (JacksonException e) {
      names.clear();
    }
    if (names.isEmpty()) {
      throw new HubException(
          Reason.BROKEN_ANSWER, where + ": found no weight_map that names files; pull again");
    }
    return names;
  }
}
