package dev.akvavit.server.page;

import java.nio.file.Path;

/** The page's files, as they lie in the source tree. */
final class PageResources {
  static final Path FOLDER = Path.of("src/main/resources/dev/akvavit/server/page").toAbsolutePath();

  private PageResources() {}
}
