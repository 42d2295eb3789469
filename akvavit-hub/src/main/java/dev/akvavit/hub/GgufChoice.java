package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a repository's GGUF files is meant: one model, in one part or several. Without a word
 * for it the quantisation that most people take, where it is there.
 */
final class GgufChoice {
  private static final List<String> USUAL = List.of("Q4_K_M", "Q8_0", "BF16", "F16");
  private static final Pattern SPLIT = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})");

  private final String model;

  /** File names by what they are without the number of the part. */
  private final Map<String, List<String>> groups = new TreeMap<>();

  GgufChoice(String model, Collection<String> names) {
    this.model = model;
    for (String name : names) {
      String file = name.substring(name.lastIndexOf('/') + 1);
      if (name.endsWith(ModelReference.GGUF) && !file.startsWith("mmproj")) {
        String stem = stem(name);
        Matcher split = SPLIT.matcher(stem);
        groups
            .computeIfAbsent(split.matches() ? split.group(1) : stem, k -> new ArrayList<>())
            .add(name);
      }
    }
    groups.values().forEach(parts -> parts.sort(null));
  }

  private static String stem(String name) {
    return name.substring(0, name.length() - ModelReference.GGUF.length());
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  /**
   * The files of one model, the first part first.
   *
   * @param variant a quantisation, a file name, or empty
   * @throws HubException with {@link Reason#NOT_FOUND} when none or several are meant
   */
  List<String> files(String variant) {
    List<String> meant = matching(variant);
    for (int i = 0; variant.isEmpty() && meant.size() > 1 && i < USUAL.size(); i++) {
      List<String> usual = matching(USUAL.get(i));
      meant = usual.size() == 1 ? usual : meant;
    }
    if (meant.size() != 1) {
      throw new HubException(
          Reason.NOT_FOUND,
          "%s: found %s GGUF files for %s, allowed: one of %s, as in %s/FILE"
              .formatted(
                  model,
                  meant.isEmpty() ? "no" : meant.size(),
                  variant.isEmpty() ? "no particular one" : FileNames.shown(variant),
                  groups.values().stream().map(List::getFirst).toList(),
                  model));
    }
    List<String> files = groups.getOrDefault(meant.getFirst(), List.of());
    Matcher split = SPLIT.matcher(stem(files.getFirst()));
    if (split.matches() && files.size() != Integer.parseInt(split.group(3))) {
      throw new HubException(
          Reason.NOT_FOUND,
          "%s: found %d parts of %s, allowed: all %d"
              .formatted(model, files.size(), meant.getFirst(), Integer.parseInt(split.group(3))));
    }
    return files;
  }

  private List<String> matching(String variant) {
    if (variant.isEmpty()) {
      return List.copyOf(groups.keySet());
    }
    if (variant.endsWith(ModelReference.GGUF)) {
      return groups.entrySet().stream()
          .filter(group -> group.getValue().contains(variant))
          .map(Map.Entry::getKey)
          .toList();
    }
    Pattern word =
        Pattern.compile(
            "(^|[-._/])" + Pattern.quote(variant.toLowerCase(Locale.ROOT)) + "($|[-._/])");
    return groups.keySet().stream()
        .filter(stem -> word.matcher(stem.toLowerCase(Locale.ROOT)).find())
        .toList();
  }
}
