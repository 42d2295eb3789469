package dev.akvavit.defaultmodel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The folder of the model that ships with Akvavit, as a checkpoint in Hugging Face's form. */
public final class DefaultModel {
  /** The model's name, also the name under which it is served. */
  public static final String NAME = "akvavit-java-tiny";

  private static final String MANIFEST = "manifest.sha256";

  private DefaultModel() {}

  /**
   * A folder of the file system with {@code config.json}, {@code model.safetensors}, the tokenizer
   * and the golden values. Run from compiled classes it is the resource folder itself; run from a
   * jar it is a copy under {@code $XDG_CACHE_HOME/akvavit/default-model} (or {@code ~/.cache/…}),
   * made by the first call and checked by its SHA-256 digests. Safe to call from several threads
   * and processes.
   *
   * @throws UncheckedIOException when the copy cannot be made, or the jar's own files are damaged
   */
  public static Path folder() {
    URL manifest = resource(MANIFEST);
    if (manifest.getProtocol().equals("file")) {
      return Objects.requireNonNull(path(manifest).getParent());
    }
    Path cache = userCache().resolve("akvavit", "default-model");
    try (InputStream in = manifest.openStream()) {
      return new ExtractedCopy(cache, Manifest.read(in), name -> resource(name).openStream())
          .folder();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot keep the default model in "
              + cache
              + ": "
              + e
              + "; name a writable folder with 50 MB free in XDG_CACHE_HOME",
          e);
    }
  }

  private static URL resource(String name) {
    URL url = DefaultModel.class.getResource(NAME + "/" + name);
    if (url == null) {
      throw new UncheckedIOException(
          new IOException("the default model's " + name + " is missing from its jar"));
    }
    return url;
  }

  private static Path path(URL url) {
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class loader gave the address " + url, e);
    }
  }

  private static Path userCache() {
    String named = System.getenv("XDG_CACHE_HOME");
    // The XDG specification: a relative path here is invalid and to be ignored.
    return named != null && Path.of(named).isAbsolute()
        ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache");
  }
}
