package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model of the hub as people write it: {@code owner/name}, {@code owner/name@revision}, {@code
 * owner/name:Q4_K_M}, {@code owner/name/file.gguf}, or the address of its page.
 *
 * @param variant which of a repository's GGUF files: a quantisation, a file name, or empty
 * @param revision a branch, a tag or a commit
 */
public record ModelReference(String owner, String name, String variant, String revision) {
  /** What is meant when no revision is given. */
  public static final String MAIN = "main";

  static final String GGUF = ".gguf";

  private static final int MAX_NAME = 96;
  private static final int MAX_REVISION = 255;
  private static final Pattern PART =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?");
  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/+-]*");
  private static final Pattern PAGE =
      Pattern.compile("(?:https?://)?(?:huggingface\\.co|hf\\.co)/|hf://");
  private static final Pattern WRITTEN =
      Pattern.compile("([^/:@]+)/([^/:@]+)(?::([^/:@]+)|/([^:@]+))?(?:@(.+))?");
  private static final Pattern IN_PAGE = Pattern.compile("(?:tree|blob|resolve)/([^/]+)/?(.*)");

  public ModelReference {
    boolean named =
        isPart(owner)
            && isPart(name)
            && owner.length() + 1 + name.length() <= MAX_NAME
            && !name.endsWith(".git");
    if (!named) {
      throw bad(owner + "/" + name);
    }
    if (revision.length() > MAX_REVISION
        || !REVISION.matcher(revision).matches()
        || !FileNames.honest(revision)
        || revision.contains("..")
        || revision.endsWith(".lock")) {
      throw new HubException(
          Reason.BAD_NAME,
          "revision: found "
              + FileNames.shown(revision)
              + ", allowed: a branch, a tag or a commit, as in "
              + owner
              + "/"
              + name
              + "@main");
    }
    if (!variant.isEmpty()) {
      FileNames.require(variant);
    }
  }

  /** Whether {@link #parse} takes it: two words and a slash. */
  public static boolean isReference(String text) {
    try {
      parse(text);
      return true;
    } catch (HubException e) {
      return false;
    }
  }

  /**
   * Reads what a person wrote.
   *
   * @throws HubException with {@link Reason#BAD_NAME}
   */
  public static ModelReference parse(String text) {
    Matcher page = PAGE.matcher(text);
    String rest = page.lookingAt() ? text.substring(page.end()).replaceAll("/+$", "") : text;
    Matcher m = WRITTEN.matcher(rest);
    if (!m.matches()) {
      throw bad(text);
    }
    String variant = either(m.group(3), m.group(4));
    String revision = either(m.group(5), MAIN);
    Matcher inPage = IN_PAGE.matcher(variant);
    if (rest.equals(text) || !inPage.matches()) {
      if (m.group(4) != null && !variant.endsWith(GGUF)) {
        throw bad(text);
      }
      return new ModelReference(m.group(1), m.group(2), variant, revision);
    }
    String file = inPage.group(2).endsWith(GGUF) ? inPage.group(2) : "";
    return new ModelReference(m.group(1), m.group(2), file, inPage.group(1));
  }

  private static String either(String... choices) {
    for (String choice : choices) {
      if (choice != null) {
        return choice;
      }
    }
    return "";
  }

  /** {@code owner/name}. */
  public String repository() {
    return owner + "/" + name;
  }

  /** Whether the revision is a whole commit, which never means anything else later. */
  boolean isPinned() {
    return Digest.isHex(revision, Digest.SHA1_LENGTH);
  }

  /** The name of its folder in the cache. */
  String folder() {
    return "models--" + owner + "--" + name;
  }

  @Override
  public String toString() {
    String chosen = variant.isEmpty() ? "" : (variant.endsWith(GGUF) ? "/" : ":") + variant;
    return repository() + chosen + (revision.equals(MAIN) ? "" : "@" + revision);
  }

  private static boolean isPart(String part) {
    return PART.matcher(part).matches() && !part.contains("--") && !part.contains("..");
  }

  private static HubException bad(String found) {
    return new HubException(
        Reason.BAD_NAME,
        "model: found " + FileNames.shown(found) + ", allowed: owner/name, as the hub writes it");
  }
}
