package dev.akvavit.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names of full pages: SHA-256 over the name of the page before and this page's tokens, the first
 * over model and scope. Equal names mean equal tokens from the start on, in the same scope, on the
 * same model; a shorter hash could be planted to serve one caller another's cache. One instance
 * belongs to one thread; extending a chain allocates nothing.
 */
final class PageKeys {
  static final int LONGS = 4; // of one key
  private static final int BYTES = LONGS * Long.BYTES;

  private final MessageDigest sha;
  private final int pageSize;
  private final ByteBuffer block; // the name of the page before, then a page of token ids

  PageKeys(int pageSize) {
    this.pageSize = pageSize;
    block = ByteBuffer.allocate(BYTES + pageSize * Integer.BYTES);
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The root of a chain: {@code [LONGS]}. */
  long[] root(String modelIdentity, CacheScope scope) {
    byte[] model = modelIdentity.getBytes(StandardCharsets.UTF_8);
    byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(model.length).array();
    sha.update(length); // so that no identity and salt spell another pair
    sha.update(model);
    sha.update(scope.salt().getBytes(StandardCharsets.UTF_8));
    long[] root = new long[LONGS];
    ByteBuffer.wrap(sha.digest()).asLongBuffer().get(root);
    return root;
  }

  /**
   * Computes the name of page {@code page} of a sequence.
   *
   * @param chain {@code [(pages + 1) * LONGS]}: the root, then one name a page
   */
  void extend(long[] chain, int[] tokens, int page) {
    block.clear();
    for (int i = 0; i < LONGS; i++) {
      block.putLong(chain[page * LONGS + i]);
    }
    for (int i = 0; i < pageSize; i++) {
      block.putInt(tokens[page * pageSize + i]);
    }
    try {
      sha.update(block.array());
      sha.digest(block.array(), 0, BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 digest has " + BYTES + " bytes", e);
    }
    block.clear();
    for (int i = 0; i < LONGS; i++) {
      chain[(page + 1) * LONGS + i] = block.getLong();
    }
  }
}
