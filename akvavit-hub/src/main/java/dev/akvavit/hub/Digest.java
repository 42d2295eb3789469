package dev.akvavit.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file's bytes must hash to, which is also its name in the cache: SHA-256 for large files
 * (git LFS and Xet), git's SHA-1 of {@code "blob <size>\0"} and the bytes for the others.
 */
record Digest(String hex) {
  static final int SHA1_LENGTH = 40;
  static final int SHA256_LENGTH = 64;

  private static final int BUFFER = 1 << 20;

  Digest {
    if (!isHex(hex, SHA1_LENGTH) && !isHex(hex, SHA256_LENGTH)) {
      throw new IllegalArgumentException("digest: found " + hex);
    }
  }

  static boolean isHex(String text, int length) {
    return text.length() == length
        && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }

  /** The digest of this kind that the file really has. */
  Digest of(Path file) throws IOException {
    MessageDigest hash = algorithm();
    if (hex.length() == SHA1_LENGTH) {
      hash.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hash.update(buffer, 0, n);
      }
    }
    return new Digest(HexFormat.of().formatHex(hash.digest()));
  }

  private MessageDigest algorithm() {
    try {
      return MessageDigest.getInstance(hex.length() == SHA1_LENGTH ? "SHA-1" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has both
    }
  }
}
