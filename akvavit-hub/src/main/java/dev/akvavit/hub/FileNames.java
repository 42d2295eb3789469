package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.util.Locale;
import java.util.Set;

/**
 * Which names of a server may become names of this disk. A repository cannot hold the names refused
 * here by {@link #honest}; the others are refused because some system cannot hold them as they are.
 */
final class FileNames {
  private static final int MAX_NAME = 255;
  private static final int MAX_PATH = 1024;
  private static final String UNSAFE = "\\:*?\"<>|";
  private static final Set<String> DEVICES =
      Set.of("con", "prn", "aux", "nul", "conin$", "conout$");

  private FileNames() {}

  /** Whether a git repository can hold it: relative, no way up, nothing that ends a string. */
  static boolean honest(String name) {
    if (name.isEmpty() || name.length() > MAX_PATH) {
      return false;
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return name.indexOf('\\') < 0 && name.chars().noneMatch(Character::isISOControl);
  }

  /** The name, if every system can hold it as it is. */
  static String require(String name) {
    boolean fits = honest(name);
    for (String part : name.split("/", -1)) {
      fits &= isPortable(part);
    }
    if (!fits) {
      throw new HubException(
          Reason.BROKEN_ANSWER,
          "the hub: found a file called "
              + shown(name)
              + ", allowed: relative names without .., \\ and what Windows reserves; nothing of"
              + " this model was fetched");
    }
    return name;
  }

  private static boolean isPortable(String part) {
    String stem = part.toLowerCase(Locale.ROOT).replaceAll("\\..*$", "").strip();
    return part.length() <= MAX_NAME
        && !part.endsWith(".")
        && !part.endsWith(" ")
        && part.chars().noneMatch(c -> UNSAFE.indexOf(c) >= 0)
        && !DEVICES.contains(stem)
        && !stem.matches("(com|lpt)[0-9¹²³]");
  }

  /** Names come from a stranger: no control characters reach a terminal, no novel either. */
  static String shown(String name) {
    String safe = name.replaceAll("[\\p{Cntrl}\\p{Cf}]", "�");
    return "“" + (safe.length() > 80 ? safe.substring(0, 80) + "…" : safe) + "”";
  }
}
