package dev.akvavit.text.constraint;

import dev.akvavit.text.Tokenizer;
import java.util.Arrays;

/**
 * All tokens that write text, as a trie of their bytes in the order of a depth-first walk; control
 * tokens and tokens without bytes are not in it.
 */
final class TokenTrie {
  private final int vocabulary;
  private final int longest;
  private int count;
  private byte[] writes; // [node] the byte that leads to it
  private short[] depths; // [node] 1 for the first byte
  private int[] behind; // [node] the first node that is not below it
  private int[] firstToken; // [node + 1] into tokens
  private final int[] tokens;

  TokenTrie(Tokenizer tokenizer) {
    vocabulary = tokenizer.vocabularySize();
    byte[][] bytes = new byte[vocabulary][];
    Integer[] ids = new Integer[vocabulary];
    int used = 0;
    long total = 0;
    int most = 1;
    for (int id = 0; id < vocabulary; id++) {
      byte[] spelled = tokenizer.control(id) ? new byte[0] : tokenizer.bytes(id);
      if (spelled.length > 0 && spelled.length <= Short.MAX_VALUE) {
        bytes[id] = spelled;
        ids[used++] = id;
        total += spelled.length;
        most = Math.max(most, spelled.length);
      }
    }
    longest = most;
    Arrays.sort(ids, 0, used, (a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]));
    tokens = new int[used];
    int room = Math.toIntExact(Math.min(total, Integer.MAX_VALUE - 8));
    writes = new byte[room];
    depths = new short[room];
    behind = new int[room];
    firstToken = new int[room + 1];
    build(bytes, ids, used);
  }

  private void build(byte[][] bytes, Integer[] ids, int used) {
    int[] path = new int[longest + 1]; // [depth] the node there
    byte[] before = new byte[0];
    for (int i = 0; i < used; i++) {
      byte[] spelled = bytes[ids[i]];
      int same = Arrays.mismatch(before, spelled);
      int shared = same < 0 ? spelled.length : same;
      for (int depth = before.length; depth > shared; depth--) {
        behind[path[depth]] = count;
      }
      for (int depth = shared + 1; depth <= spelled.length; depth++) {
        writes[count] = spelled[depth - 1];
        depths[count] = (short) depth;
        firstToken[count] = i;
        path[depth] = count++;
      }
      tokens[i] = ids[i];
      firstToken[count] = i + 1;
      before = spelled;
    }
    for (int depth = before.length; depth > 0; depth--) {
      behind[path[depth]] = count;
    }
    writes = Arrays.copyOf(writes, count);
    depths = Arrays.copyOf(depths, count);
    behind = Arrays.copyOf(behind, count);
    firstToken = Arrays.copyOf(firstToken, count + 1);
  }

  int vocabulary() {
    return vocabulary;
  }

  /** The most bytes of a token in the trie. */
  int longest() {
    return longest;
  }

  /**
   * Which tokens may come at a frontier; ends early when the work is too much, on the safe side.
   */
  long[] mask(Frontiers frontiers, Frontier from, long mostWork) {
    long[] mask = new long[Math.ceilDiv(vocabulary, Long.SIZE)];
    Frontier[] path = new Frontier[longest + 1];
    path[0] = from;
    frontiers.begin();
    for (int node = 0; node < count; node = behind[node]) {
      allow(mask, node, frontiers.step(from, writes[node] & 0xFF));
    }
    for (int node = 0; node < count && frontiers.work() < mostWork; ) {
      int depth = depths[node];
      Frontier reached = frontiers.step(path[depth - 1], writes[node] & 0xFF);
      allow(mask, node, reached);
      path[depth] = reached;
      node = reached.dead() ? behind[node] : node + 1;
    }
    return mask;
  }

  private void allow(long[] mask, int node, Frontier reached) {
    for (int i = firstToken[node]; i < firstToken[node + 1] && !reached.dead(); i++) {
      mask[tokens[i] >> 6] |= 1L << tokens[i];
    }
  }
}
