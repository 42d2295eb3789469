package dev.akvavit.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints, from the file that the build fills in. */
final class VersionText implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "akvavit "
          + version()
          + " on Java "
          + Runtime.version()
          + " ("
          + System.getProperty("java.vendor")
          + ")"
    };
  }

  /** {@code 0.1.0 (commit)}, without the commit where the build had no git. */
  static String version() {
    Properties built = new Properties();
    try (InputStream in = VersionText.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        built.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("version.properties cannot be read", e);
    }
    String commit = built.getProperty("commit", "");
    return built.getProperty("version", "of unknown version")
        + (commit.isEmpty() ? "" : " (" + commit + ")");
  }
}
