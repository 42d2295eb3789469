package dev.akvavit.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The style sheets that ship with this module. */
final class Stylesheets {
  private Stylesheets() {}

  static String chart() {
    return read("chart.css");
  }

  static String page() {
    return read("page.css");
  }

  private static String read(String name) {
    try (InputStream in = Stylesheets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
