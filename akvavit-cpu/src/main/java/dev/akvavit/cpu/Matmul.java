package dev.akvavit.cpu;

import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;

/**
 * {@code out = w x}: the matrix's rows are shared among workers, every block of rows serves all
 * tokens.
 */
final class Matmul implements Workers.Task {
  private static final Kernels K = Lanes.KERNELS;

  /** Fewer weights than this are not worth waking anyone. */
  private static final int GRAIN = 16 * 1024;

  /** Rows on tiles: two tiles', many enough to repay the interleaving of picked vectors. */
  private static final int TILES = 32;

  private static final int MOST_TILE_ROWS = 256;
  private static final int TILE_WEIGHTS = 512 * 1024; // a half of a second-level cache

  /** Bytes of rows that one call multiplies by one vector: beside them it costs nothing. */
  private static final int CALL = 1 << 20;

  private final Workers workers;
  private final Scratch[] scratch;
  private final Workers.Task pack = this::pack;
  private final Workers.Task joint = this::joint;
  private final RoundingRule rounding;
  private final InputForms forms = new InputForms(false);
  private int[] order = {};
  private Tensor out;
  private Tensor x;
  private Weight w;
  private Inputs inputs;
  private int firstToken; // of those that are rounded alike
  private int tokens;
  private int block;
  private int blocks;
  private Ops.Product[] products = {};
  private int[] firstItem = {}; // of each product's blocks

  Matmul(Workers workers, Scratch[] scratch, RoundingRule rounding, Tensor none, Weight nothing) {
    this.workers = workers;
    this.scratch = scratch;
    this.rounding = rounding;
    inputs = forms.begin(Rounding.NONE, 0, 1, 0);
    this.out = none;
    this.x = none;
    this.w = nothing;
  }

  void run(Tensor out, Tensor x, Weight w) {
    this.out = out;
    this.x = x;
    this.w = w;
    int generated = x.extent().generated();
    Rounding ofGenerated = rounding.of(w, false);
    Rounding ofPrompts = rounding.of(w, true);
    if (ofGenerated == ofPrompts) {
      run(0, x.rows(), ofGenerated);
    } else {
      run(0, generated, ofGenerated);
      run(generated, x.rows(), ofPrompts);
    }
  }

  /** Tokens {@code from .. to}. */
  private void run(int from, int to, Rounding rounding) {
    if (from == to) {
      return;
    }
    firstToken = from;
    tokens = to - from;
    inputs = forms.begin(rounding, to, w.heads(), w.in());
    int columns = K.padded(w.in());
    order = ascending(order, to);
    int together = inputs.together();
    int grain = Math.max(1, GRAIN / (w.heads() * columns * together));
    workers.run(pack, Math.ceilDiv(tokens, together), grain);
    block = blockRows(w, tokens, rounding, workers);
    blocks = Math.ceilDiv(w.out(), block);
    workers.run(this, w.heads() * blocks, Math.max(1, GRAIN / block / columns / tokens));
  }

  static int[] ascending(int[] order, int n) {
    if (order.length >= n) {
      return order;
    }
    int[] grown = Scratch.atLeast(order, n);
    for (int i = 0; i < grown.length; i++) {
      grown[i] = i;
    }
    return grown;
  }

  /**
   * Rows that a worker takes at a time, a multiple of 16: with many tokens few enough that their
   * widened form stays in its second-level cache, with one so few that all workers end together. A
   * transposed matrix is cut across its stored rows, where blocks of values must stay whole.
   */
  static int blockRows(Weight w, int tokens, Rounding rounding, Workers workers) {
    int columns = K.padded(w.in());
    if (rounding == Rounding.DECODED) {
      int share = w.heads() * w.out() / workers.pieces() / TILES * TILES;
      return Math.clamp(share, TILES, MOST_TILE_ROWS);
    }
    if (rounding == Rounding.TILES && tokens > 1) {
      int share = w.heads() * w.out() / workers.pieces() / TILES * TILES;
      int near = TILE_WEIGHTS / columns / TILES * TILES;
      return Math.clamp(near, TILES, Math.clamp(share, TILES, MOST_TILE_ROWS));
    }
    if (rounding == Rounding.BYTES && (tokens > 1 || PanelRows.goesSideBySide(w))) {
      int share = w.heads() * w.out() / workers.pieces() / 16 * 16;
      return Math.clamp(share, 16, PanelRows.MOST_ROWS);
    }
    int inCache = 96 * 1024 / columns / 16 * 16;
    if (w.transposed()) {
      int whole = w.dtype().blockElements();
      return Math.ceilDiv(Math.clamp(inCache, 64, 256), whole) * whole;
    }
    int worthACall = Math.ceilDiv(GRAIN, columns * 16) * 16;
    return Math.clamp(tokens == 1 ? worthACall : inCache, 16, 64);
  }

  /**
   * Neighbouring blocks that one call multiplies: several where rows stream past a single token, so
   * that memory is not left waiting between calls.
   */
  static int blocksAtOnce(Weight w, int tokens, Inputs inputs, Scratch s, int block) {
    if (tokens > 1 || !RowBlock.streams(w, inputs, s)) {
      return 1;
    }
    return (int) Math.max(1, CALL / (block * w.dtype().bytes(w.columns())));
  }

  private void pack(int from, int to, int worker) {
    int together = inputs.together();
    int last = Math.min(firstToken + tokens, firstToken + to * together);
    inputs.pack(x, firstToken + from * together, last, scratch[worker]);
  }

  @Override
  public void run(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int most = blocksAtOnce(w, tokens, inputs, s, block);
    int width = K.padded(most * block);
    float[] y = s.results = Scratch.atLeast(s.results, tokens * width);
    for (int item = from, some; item < to; item += some) {
      int head = item / blocks;
      int first = item % blocks * block;
      some = Math.min(Math.min(most, to - item), (head + 1) * blocks - item);
      int last = Math.min(w.out(), first + some * block);
      RowBlock.multiply(w, head, first, last, inputs, order, firstToken, tokens, s, y, width);
      for (int t = 0; t < tokens; t++) {
        if (w.heads() == 1) {
          Rows.unpack(out, firstToken + t, first, y, t * width, last - first);
        } else {
          Rows.unpackHead(out, firstToken + t, head, first, y, t * width, last - first);
        }
      }
    }
  }

  // ---- several matrices of one input

  /** One token's products in one round of the team; those of more tokens one after another. */
  void run(Tensor x, Ops.Product[] products) {
    boolean prompt = x.extent().generated() == 0;
    if (x.rows() != 1 || !agree(products, prompt)) {
      for (Ops.Product p : products) {
        run(p.out(), x, p.w());
      }
      return;
    }
    this.x = x;
    this.products = products;
    w = products[0].w();
    Rounding common = rounding.of(w, prompt);
    inputs = forms.begin(common, 1, 1, w.in());
    firstToken = 0;
    tokens = 1;
    order = ascending(order, 1);
    workers.run(pack, 1, 1);
    int columns = K.padded(w.in());
    block = blockRows(w, 1, common, workers);
    firstItem = Scratch.atLeast(firstItem, products.length + 1);
    for (int p = 0; p < products.length; p++) {
      firstItem[p + 1] = firstItem[p] + Math.ceilDiv(products[p].w().out(), block);
    }
    workers.run(joint, firstItem[products.length], Math.max(1, GRAIN / block / columns));
  }

  /** Whether the same packed input serves all. */
  private boolean agree(Ops.Product[] products, boolean prompt) {
    Weight first = products[0].w();
    for (Ops.Product p : products) {
      Weight w = p.w();
      if (w.heads() != 1
          || w.transposed()
          || w.in() != first.in()
          || rounding.of(w, prompt) != rounding.of(first, prompt)) {
        return false;
      }
    }
    return true;
  }

  private void joint(int from, int to, int worker) {
    Scratch s = scratch[worker];
    int p = 0;
    for (int item = from, some; item < to; item += some) {
      while (item >= firstItem[p + 1]) {
        p++;
      }
      Weight rows = products[p].w();
      int most = blocksAtOnce(rows, 1, inputs, s, block);
      int width = K.padded(most * block);
      float[] y = s.results = Scratch.atLeast(s.results, width);
      int first = (item - firstItem[p]) * block;
      some = Math.min(Math.min(most, to - item), firstItem[p + 1] - item);
      int last = Math.min(rows.out(), first + some * block);
      RowBlock.multiply(rows, 0, first, last, inputs, order, 0, 1, s, y, width);
      Rows.unpack(products[p].out(), 0, first, y, 0, last - first);
    }
  }
}
