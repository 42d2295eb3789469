package dev.akvavit.plan;

import java.util.Locale;

/**
 * The rules a plan is reckoned by, each with a short code that its rows carry. {@code
 * docs/planner.md} tells them at length, under the same codes.
 */
public enum Formula {
  WEIGHTS_WIDE(
      "W1",
      "weights in F32 or BF16",
      "4 or 2 bytes × parameters",
      "Parameters are counted from the tensors that the decoder asks for."),
  WEIGHTS_FP8(
      "W2",
      "weights in FP8",
      "(1 + 4 / 128²) bytes × parameters",
      "e4m3 with one F32 scale a block of 128 × 128; embedding and head have 2 bytes. Norms and"
          + " routers, which stay wider, count as FP8."),
  WEIGHTS_FP4(
      "W4",
      "routed experts in FP4",
      "17 / 32 bytes × parameters",
      "e2m1 with a byte of scale for each 32, as DeepSeek-V4 is released; all other weights as"
          + " W2."),
  WEIGHTS_STORED(
      "W3",
      "weights of a folder",
      "bytes of the files × share of the parameters",
      "The sum is what the files hold; how it is spread over the parts is estimated."),
  CACHE_GROUPED(
      "K1",
      "keys and values",
      "2 × kvHeads × headDim elements a token and layer",
      "MHA, GQA and MQA differ in the number of key and value heads only."),
  CACHE_LATENT(
      "K2",
      "latent",
      "kvRank + ropeDim elements a token and layer, once",
      "One row for all heads: keys and values are never expanded in the cache."),
  CACHE_INDEX(
      "K3",
      "index keys",
      "indexDim elements a token and layer, or indexDim bytes of FP8 and a scale of 4",
      "What the lightning indexer of DSA scans; it comes on top of the latent."),
  CACHE_PAGES(
      "K4",
      "pages",
      "U × (⌈C / 32⌉ - ⌊P / 32⌋) + ⌊P / 32⌋ pages of 32 tokens",
      "U users of C tokens, of which they share the first P; slots that stay empty are rounding."),
  CACHE_ENTRIES(
      "K5",
      "compressed entries",
      "(headDim + ropeDim + ⌈(headDim - ropeDim) / 64⌉ + 1) / ratio bytes a token and layer",
      "DeepSeek-V4, as FlashMLA keeps it: e4m3, the rotated part in BF16, a byte of scale for each"
          + " 64 and one of padding; one entry sums up 4 tokens (CSA) or 128 (HCA)."),
  CACHE_FP4(
      "K6",
      "FP4 index keys",
      "17 / 32 × indexDim / ratio bytes a token and layer",
      "What the indexer of CSA scans, a key for each entry."),
  CACHE_WINDOW(
      "K7",
      "window",
      "2 × window × headDim bytes a user and layer",
      "A ring of the last tokens' rows in BF16, whatever the context."),
  CACHE_STATE(
      "K8",
      "compressor state",
      "4 bytes × 2 × rows × width a user and layer",
      "Values and gates in F32 until an entry sums them up: CSA 8 rows of 2 × (headDim + indexDim),"
          + " HCA 128 rows of headDim."),
  ACTIVATIONS(
      "S1",
      "activations",
      "4 bytes × (elements a token × tokens a step + (hidden + vocabulary) × U)",
      "Buffers of one step, shared by all layers; a step has 512 tokens, or U if that is more."),
  SELECTIONS(
      "S2",
      "selections",
      "4 bytes × (top-k + 2 × experts a token uses, over all layers) × tokens a step",
      "What sparse attention and routers chose."),
  PROCESS(
      "R1",
      "JVM",
      "512 MiB",
      "Heap, class data, compiled code and threads of a JVM that serves; plan --check measures"
          + " them."),
  DRIVERS(
      "R2",
      "drivers",
      "1 GiB × GPUs",
      "A driver's context, loaded kernels and the workspaces of its libraries."),
  LONGEST_CONTEXT(
      "A1",
      "longest context",
      "the largest C whose need is at most the memory",
      "The need never shrinks when C grows, so C is found by halving, in whole pages and at most"
          + " the model's own."),
  MOST_USERS(
      "A2",
      "most users",
      "the largest U whose need is at most the memory",
      "Found by halving, as A1; at most 65,536."),
  CHANGES(
      "A3",
      "changes",
      "need after the change, by W1 to R2",
      "Sorted by what they cost the answers, least first."),
  SHAPES(
      "M1",
      "the same shape with each attention",
      "K1 to K3 with heads of the same number and width",
      "For MLA models the width is v_head_dim. A model without a latent gets DeepSeek-V2's rule,"
          + " kvRank = 4 × headDim and ropeDim = headDim / 2; one without an indexer V3.2's, 64"
          + " heads of 128 and top 2048."),
  READ(
      "M2",
      "bytes read a token",
      "active weights + rows attended × bytes a row + rows scanned × bytes a key",
      "For one user at context C; weights are read once. An untied embedding counts with one row."),
  CEILING(
      "M3",
      "tokens a second at most",
      "bandwidth / M2",
      "All memory is read together. Nothing that decodes token by token for one user is faster."),
  OPERATIONS(
      "M4",
      "operations a token",
      "2 × active parameters + Σ over layers of attention",
      "Attention: 4 × heads × headDim × C for MHA, GQA and MQA; 2 × heads × (2 × kvRank + ropeDim)"
          + " × C for absorbed MLA; with DSA the same × min(C, top-k) + 2 × indexHeads × indexDim x"
          + " C. CSA and HCA: as MHA, over the window and min(C / 4, top-k) or C / 128 entries; CSA's"
          + " indexer scans C / 4 keys.");

  private final String code;
  private final String title;
  private final String text;
  private final String words;

  Formula(String code, String title, String text, String words) {
    this.code = code;
    this.title = title;
    this.text = text;
    this.words = words;
  }

  /** Short, for rows: {@code W1}. */
  public String code() {
    return code;
  }

  /** Where {@code docs/planner.md} and pages tell it: {@code w1}. */
  public String anchor() {
    return code.toLowerCase(Locale.ROOT);
  }

  /** What it reckons. */
  public String title() {
    return title;
  }

  /** The rule itself. */
  public String text() {
    return text;
  }

  /** What has to be known besides. */
  public String words() {
    return words;
  }

  @Override
  public String toString() {
    return code;
  }
}
