package dev.akvavit.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names of full pages: SHA-256 over the name of the page before and this page's tokens, the first
 * over scope and model. Equal names mean equal tokens from the start on, in the same scope, on the
 * same model; a shorter hash could be planted to serve one caller another's cache. One instance
 * belongs to one thread; extending a chain allocates nothing.
 */
final class PageKeys {
  static final int LONGS = 4; // of one key
  private static final int BYTES = LONGS * Long.BYTES;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest sha;
  private final int pageSize;
  private final byte[] block; // the parent's key, then a page of token ids

  PageKeys(int pageSize) {
    this.pageSize = pageSize;
    block = new byte[BYTES + pageSize * Integer.BYTES];
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The root of a chain: {@code [LONGS]}. */
  long[] root(String modelIdentity, CacheScope scope) {
    byte[] model = modelIdentity.getBytes(StandardCharsets.UTF_8);
    byte[] length = new byte[Integer.BYTES];
    INT.set(length, 0, model.length); // so that no identity and salt spell another pair
    sha.update(length);
    sha.update(model);
    sha.update(scope.salt().getBytes(StandardCharsets.UTF_8));
    byte[] key = sha.digest();
    long[] root = new long[LONGS];
    for (int i = 0; i < LONGS; i++) {
      root[i] = (long) LONG.get(key, i * Long.BYTES);
    }
    return root;
  }

  /**
   * Computes the key of page {@code page} of a sequence.
   *
   * @param chain {@code [(pages + 1) * LONGS]}: the root, then one key a page
   */
  void extend(long[] chain, int[] tokens, int page) {
    for (int i = 0; i < LONGS; i++) {
      LONG.set(block, i * Long.BYTES, chain[page * LONGS + i]);
    }
    for (int i = 0; i < pageSize; i++) {
      INT.set(block, BYTES + i * Integer.BYTES, tokens[page * pageSize + i]);
    }
    try {
      sha.update(block);
      sha.digest(block, 0, BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 digest has " + BYTES + " bytes", e);
    }
    for (int i = 0; i < LONGS; i++) {
      chain[(page + 1) * LONGS + i] = (long) LONG.get(block, i * Long.BYTES);
    }
  }
}
