package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes a checkpoint in Hugging Face's form with FP8 matrices in blocks, the form in which
 * DeepSeek-V3 is published: projections and experts in E4M3 with {@code weight_scale_inv} beside
 * them; token tables, output, norms, routers and the indexer's weights as they were.
 *
 * <p>Stacked experts are written one matrix an expert, as published checkpoints have them.
 */
final class Fp8Export {
  private static final Set<String> ROLES =
      Set.of(
          "q_proj",
          "k_proj",
          "v_proj",
          "o_proj",
          "q_a_proj",
          "q_b_proj",
          "kv_a_proj_with_mqa",
          "kv_b_proj",
          "gate_proj",
          "up_proj",
          "down_proj",
          "w1",
          "w2",
          "w3",
          "wq_b",
          "wk",
          "query_key_value",
          "dense",
          "dense_h_to_4h",
          "dense_4h_to_h");

  private static final Pattern STACK = Pattern.compile(".*\\.experts\\.(gate_up_proj|down_proj)");
  private static final String WEIGHT = ".weight";

  private final Checkpoint checkpoint;
  private final Fp8Blocks blocks;
  private final GgufExport.Progress progress;
  private final ShardedWriter out;
  private final List<String> kept = new ArrayList<>();
  private int narrowed;

  private Fp8Export(Checkpoint checkpoint, ShardedWriter out, GgufExport.Progress progress) {
    this.checkpoint = checkpoint;
    this.out = out;
    this.progress = progress;
    blocks = Fp8Blocks.of(checkpoint);
  }

  /**
   * Announces every tensor.
   *
   * @return names of matrices that stay as they are
   * @throws UnsupportedModelException for a model without a matrix to narrow
   */
  static List<String> announce(
      Checkpoint checkpoint, ShardedWriter out, GgufExport.Progress progress) {
    Fp8Export export = new Fp8Export(checkpoint, out, progress);
    checkpoint.names().stream().sorted().forEach(export::add);
    if (export.narrowed == 0) {
      throw new UnsupportedModelException(
          checkpoint.origin(),
          "as FP8",
          "no projections of the names that " + String.join(", ", ROLES.stream().sorted().toList()),
          "models in the lines of Llama, Falcon and DeepSeek");
    }
    return export.kept;
  }

  private void add(String name) {
    if (name.endsWith("_scale_inv") || name.endsWith("_scale")) {
      return; // goes with its matrix
    }
    StoredTensor tensor = checkpoint.tensor(name);
    long[] shape = tensor.shape();
    if (STACK.matcher(name).matches() && shape.length == 3) {
      experts(name, tensor);
    } else if (isNarrowed(name, tensor)) {
      matrix(name, tensor);
    } else {
      if (shape.length == 2 && name.endsWith(WEIGHT)) {
        kept.add(name.substring(0, name.length() - WEIGHT.length()));
      }
      asItIs(name, tensor);
    }
  }

  private static boolean isNarrowed(String name, StoredTensor tensor) {
    if (!name.endsWith(WEIGHT) || tensor.shape().length != 2) {
      return false;
    }
    String module = name.substring(0, name.length() - WEIGHT.length());
    return ROLES.contains(module.substring(module.lastIndexOf('.') + 1));
  }

  private void asItIs(String name, StoredTensor tensor) {
    out.add(
        name,
        tensor.dtype(),
        sink -> {
          sink.write(tensor.bytes());
          progress.written(name, tensor.dtype(), tensor.bytes().byteSize(), 0);
        },
        tensor.shape());
  }

  private void matrix(String name, StoredTensor tensor) {
    String factors = name + "_scale_inv";
    boolean done =
        tensor.dtype() == DType.F8_E4M3 && blocks.isDeepSeeks() && checkpoint.has(factors);
    if (done) {
      narrowed++;
      asItIs(name, tensor);
      asItIs(factors, checkpoint.tensor(factors));
    } else {
      long[] shape = tensor.shape();
      narrow(name, FloatRows.of(checkpoint, name, false), shape[0], shape[1]);
    }
  }

  private void experts(String name, StoredTensor stack) {
    String prefix = name.substring(0, name.lastIndexOf('.') + 1);
    long[] shape = stack.shape();
    FloatRows all = FloatRows.of(checkpoint, name, false);
    boolean both = name.endsWith("gate_up_proj");
    long rows = both ? shape[1] / 2 : shape[1];
    for (long e = 0; e < shape[0]; e++) {
      long from = e * shape[1];
      if (both) {
        narrow(prefix + e + ".gate_proj.weight", all.reordered(r -> from + r), rows, shape[2]);
        narrow(prefix + e + ".up_proj.weight", all.reordered(r -> from + rows + r), rows, shape[2]);
      } else {
        narrow(prefix + e + ".down_proj.weight", all.reordered(r -> from + r), rows, shape[2]);
      }
    }
  }

  private void narrow(String name, FloatRows rows, long count, long columns) {
    narrowed++;
    Fp8Matrix matrix = new Fp8Matrix(rows, Math.toIntExact(count), Math.toIntExact(columns));
    out.addTogether(
        new ShardedWriter.Entry(
            name + "_scale_inv", DType.F32, matrix::factors, matrix.gridShape()),
        new ShardedWriter.Entry(
            name,
            DType.F8_E4M3,
            sink -> values(name, matrix, count * columns, sink),
            new long[] {count, columns}));
  }

  private void values(String name, Fp8Matrix matrix, long bytes, ByteSource.Sink sink)
      throws IOException {
    matrix.values(sink);
    progress.written(name, DType.F8_E4M3, bytes, matrix.relativeError());
  }
}
