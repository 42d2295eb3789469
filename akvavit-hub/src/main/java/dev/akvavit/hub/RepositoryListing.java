package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * All files of a repository at one commit, as {@code /api/models/…/revision/…?blobs=true} tells
 * them: names, sizes and digests, and nothing is believed that cannot be so.
 *
 * @param commit 40 hexadecimal digits
 */
record RepositoryListing(String commit, List<RepositoryFile> files) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_FILES = 100_000;

  Optional<RepositoryFile> file(String name) {
    return files.stream().filter(f -> f.name().equals(name)).findFirst();
  }

  /**
   * @param model its name, for messages
   * @throws HubException with {@link Reason#BROKEN_ANSWER}
   */
  static RepositoryListing parse(String model, byte[] json) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      return new Reader(model, parser).listing();
    } catch (JacksonException e) {
      throw broken(model, "text that is not JSON");
    }
  }

  private static HubException broken(String model, String found) {
    return new HubException(
        Reason.BROKEN_ANSWER,
        model + ": found in the hub's answer " + found + "; is HF_ENDPOINT a hub?");
  }

  private record Reader(String model, JsonParser json) {

    RepositoryListing listing() {
      String commit = "";
      List<RepositoryFile> files = new ArrayList<>();
      expect(json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (key.equals("sha") && value == JsonToken.VALUE_STRING) {
          commit = json.getString();
        } else if (key.equals("siblings") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT && files.size() < MAX_FILES) {
            RepositoryFile file = file();
            if (file != null) {
              files.add(file);
            }
          }
          expect(json.currentToken(), JsonToken.END_ARRAY);
        } else {
          json.skipChildren();
        }
      }
      if (!Digest.isHex(commit, Digest.SHA1_LENGTH)) {
        throw broken(model, "commit " + FileNames.shown(commit));
      }
      return new RepositoryListing(commit, List.copyOf(files));
    }

    private @Nullable RepositoryFile file() {
      String name = "";
      String blob = "";
      String large = "";
      long size = -1;
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        switch (key) {
          case "rfilename" -> name = text(value);
          case "blobId" -> blob = text(value);
          case "size" -> size = value == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
          case "lfs" -> large = value == JsonToken.START_OBJECT ? sha256() : "";
          default -> json.skipChildren();
        }
      }
      if (!FileNames.honest(name)) {
        throw broken(model, "a file called " + FileNames.shown(name));
      }
      String hex = large.isEmpty() ? blob : large;
      boolean addressed =
          Digest.isHex(hex, large.isEmpty() ? Digest.SHA1_LENGTH : Digest.SHA256_LENGTH);
      if (size < 0 || !addressed) {
        throw broken(
            model,
            "file %s of size %d with digest %s"
                .formatted(FileNames.shown(name), size, FileNames.shown(hex)));
      }
      return new RepositoryFile(name, size, new Digest(hex));
    }

    private String sha256() {
      String found = "";
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (key.equals("sha256")) {
          found = text(value);
        } else {
          json.skipChildren();
        }
      }
      return found;
    }

    private String text(JsonToken value) {
      if (value == JsonToken.VALUE_STRING) {
        return json.getString();
      }
      json.skipChildren();
      return "";
    }

    private void expect(@Nullable JsonToken found, JsonToken wanted) {
      if (found != wanted) {
        throw broken(model, found + " where " + wanted + " belongs");
      }
    }
  }
}
