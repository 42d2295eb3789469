package dev.akvavit.claims;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Java text that no model was trained on: the sources of this package, which travel with its
 * classes.
 */
final class SampleText {
  private static final List<String> FILES =
      List.of(
          "AttentionSweep",
          "CacheClaims",
          "Laboratory",
          "SpectrumTrial",
          "RotationTrial",
          "BatchTrial",
          "CachingTrial",
          "Reshaped",
          "Published",
          "Finding",
          "Verdict",
          "Claim",
          "Checked",
          "Stopwatch",
          "IndexTrial",
          "OutlierTrial",
          "ExpertTrial",
          "AbsorptionTrial",
          "SpeedClaims",
          "SparseClaims");

  private SampleText() {}

  /** Whole files. */
  static String files() {
    StringBuilder text = new StringBuilder();
    FILES.forEach(f -> text.append(file(f)).append('\n'));
    return text.toString();
  }

  /** Comments, or everything but comments, packages and imports. */
  static String lines(boolean comments) {
    StringBuilder text = new StringBuilder();
    files()
        .lines()
        .filter(l -> !l.isBlank() && !l.startsWith("import ") && !l.startsWith("package "))
        .filter(l -> isComment(l) == comments)
        .forEach(l -> text.append(l).append('\n'));
    return text.toString();
  }

  private static boolean isComment(String line) {
    String l = line.strip();
    return l.startsWith("*") || l.startsWith("/*") || l.startsWith("//");
  }

  private static String file(String name) {
    try (InputStream in = SampleText.class.getResourceAsStream(name + ".java")) {
      if (in == null) {
        throw new UncheckedIOException(new IOException("the source of " + name + " is missing"));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
