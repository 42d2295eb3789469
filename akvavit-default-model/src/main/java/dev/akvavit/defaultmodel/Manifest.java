package dev.akvavit.defaultmodel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names and SHA-256 digests of a set of files, read from the lines that {@code sha256sum}
 * prints.
 *
 * @param digest SHA-256 of the manifest itself, in hexadecimal: it names the set
 * @param files digest in hexadecimal, by plain file name
 */
record Manifest(String digest, SequencedMap<String, String> files) {
  // A plain name: no separator and no leading dot, so that no line can point outside the folder.
  private static final Pattern LINE =
      Pattern.compile("([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9._-]*)");

  Manifest {
    files = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(files));
  }

  static Manifest read(InputStream in) throws IOException {
    byte[] bytes = in.readAllBytes();
    SequencedMap<String, String> files = new LinkedHashMap<>();
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IOException("manifest line '" + line + "' is not 'SHA-256  name'");
      }
      files.put(matcher.group(2), matcher.group(1));
    }
    return new Manifest(hex(sha256().digest(bytes)), files);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }
}
