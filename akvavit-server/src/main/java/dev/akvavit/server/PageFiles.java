package dev.akvavit.server;

import dev.akvavit.server.http.ApiError;
import dev.akvavit.server.http.Call;
import dev.akvavit.server.http.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The web page, read into memory at the start: a row of the route table for each file under {@code
 * page/}, and one for {@code /}. So no text of a request ever becomes part of a path.
 */
final class PageFiles {
  private static final String INDEX = "index.html";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "json", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2",
          "txt", "text/plain; charset=utf-8");

  /**
   * Everything the page loads comes from here, nothing in it is a script or a style by itself,
   * nobody may frame it, and no text becomes a part of the document but through DOMPurify.
   */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify";

  private PageFiles() {}

  /** A row for each file. */
  static List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    URL index = PageFiles.class.getResource("page/" + INDEX);
    if (index == null) {
      return routes;
    }
    try {
      URI folder =
          new URI(index.toString().substring(0, index.toString().length() - INDEX.length()));
      if (folder.getScheme().equals("jar")) {
        String text = folder.toString();
        int inside = text.indexOf("!/");
        try (FileSystem jar =
            FileSystems.newFileSystem(URI.create(text.substring(0, inside)), Map.of())) {
          addAll(jar.getPath(text.substring(inside + 1)), routes);
        }
      } else {
        addAll(Path.of(folder), routes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the page cannot be read from the jar", e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a resource with no valid address", e);
    }
    return routes;
  }

  private static void addAll(Path folder, List<Route> routes) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        routes.add(route("/" + name, name, Files.readAllBytes(file)));
        if (name.equals(INDEX)) {
          routes.add(route("/", name, Files.readAllBytes(file)));
        }
      }
    }
  }

  private static Route route(String path, String name, byte[] bytes) {
    String type =
        TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
    String tag = '"' + digest(bytes) + '"';
    return Route.get(path, call -> send(call, type, tag, bytes)).open();
  }

  private static void send(Call call, String type, String tag, byte[] bytes) {
    call.with("ETag", tag)
        .with("Cache-Control", "no-cache")
        .with("Content-Security-Policy", POLICY)
        .with("Referrer-Policy", "no-referrer");
    boolean known = tag.equals(call.header("If-None-Match"));
    call.send(known ? 304 : 200, type, known ? new byte[0] : bytes);
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What {@code /} says where no page was built in. */
  static void absent(Call call) {
    throw ApiError.client(404, "no_page", null, "this build has no page; the API is under /v1");
  }
}
