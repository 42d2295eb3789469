package dev.akvavit.server.http;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Helidon tells at every start and stop what it does; who starts a model server wants its address.
 */
final class HelidonLog {
  /** Held, as a logger that nobody holds forgets its level. */
  private static final Logger ALL = Logger.getLogger("io.helidon");

  private HelidonLog() {}

  /** Leaves warnings only, unless somebody has set a level of their own. */
  static void quiet() {
    if (ALL.getLevel() == null) {
      ALL.setLevel(Level.WARNING);
    }
  }
}
