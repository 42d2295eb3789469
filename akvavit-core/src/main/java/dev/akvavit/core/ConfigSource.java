package dev.akvavit.core;

import java.util.List;
import java.util.Set;

/**
 * A tree of typed settings, whatever file it came from. Keys are Hugging Face's. A getter without a
 * fallback throws {@link MalformedFileException} naming key and file when the key is absent, null,
 * of another type or out of range.
 */
public interface ConfigSource {
  /** Present and not null. */
  boolean has(String key);

  int integer(String key);

  int integer(String key, int fallback);

  double number(String key);

  double number(String key, double fallback);

  boolean flag(String key, boolean fallback);

  String text(String key);

  String text(String key, String fallback);

  /** Elements of an array of strings; empty when absent. */
  List<String> texts(String key);

  /** Elements of an array of integers; empty when absent. */
  List<Integer> integers(String key);

  ConfigSource section(String key);

  /**
   * Top-level keys that no getter was asked for, in file order: what an architecture must answer
   * for.
   */
  Set<String> unread();

  /** The value as written, for messages; {@code "absent"} when there is none. */
  String raw(String key);

  /** Whether the value is null, false, 0, 1, empty or absent: a setting that changes nothing. */
  boolean neutral(String key);

  /** The file, for messages. */
  String origin();
}
