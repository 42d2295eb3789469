package dev.akvavit.format;

import dev.akvavit.core.DType;
import dev.akvavit.core.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Writes a checkpoint in Hugging Face's form with FP8 matrices in blocks, the form in which
 * DeepSeek-V3 is published: projections and experts in E4M3 with {@code weight_scale_inv} beside
 * them; token tables, output, norms, routers and the indexer's weights as they were.
 *
 * <p>{@link PublishedTensors} says what there is.
 */
final class Fp8Export {
  private static final Set<String> ROLES =
      Set.of(
          """
          q_proj k_proj v_proj o_proj q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj gate_proj
          up_proj down_proj w1 w2 w3 wq_b wk query_key_value dense dense_h_to_4h dense_4h_to_h\
          """
              .split("\\s+"));

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
      Checkpoint checkpoint,
      PublishedTensors tensors,
      ShardedWriter out,
      GgufExport.Progress progress) {
    Fp8Export export = new Fp8Export(checkpoint, out, progress);
    tensors.inOrder().forEach(export::add);
    if (export.narrowed == 0) {
      throw new UnsupportedModelException(
          checkpoint.origin(),
          "as FP8",
          "no projections of the names that " + String.join(", ", ROLES.stream().sorted().toList()),
          "models in the lines of Llama, Falcon and DeepSeek");
    }
    return export.kept;
  }

  private void add(PublishedTensor tensor) {
    String name = tensor.name();
    if (tensor.shape().length != 2 || !name.endsWith(WEIGHT)) {
      asItIs(tensor);
      return;
    }
    String module = name.substring(0, name.length() - WEIGHT.length());
    if (isDone(tensor)) {
      narrowed++;
      asItIs(tensor);
      asItIs(PublishedTensor.asItLies(checkpoint, name + "_scale_inv"));
    } else if (tensor.dtype() == DType.F8_E4M3
        || ROLES.contains(module.substring(module.lastIndexOf('.') + 1))) {
      narrow(tensor);
    } else {
      kept.add(module);
      asItIs(tensor);
    }
  }

  private boolean isDone(PublishedTensor tensor) {
    return tensor.dtype() == DType.F8_E4M3
        && blocks.isDeepSeeks()
        && checkpoint.has(tensor.name() + "_scale_inv");
  }

  private void asItIs(PublishedTensor tensor) {
    long bytes = tensor.dtype().bytes(tensor.elements());
    out.add(
        tensor.name(),
        tensor.dtype(),
        sink -> progress.written(tensor.name(), tensor.dtype(), bytes, tensor.write(sink)),
        tensor.shape());
  }

  private void narrow(PublishedTensor tensor) {
    narrowed++;
    long[] shape = tensor.shape();
    Fp8Matrix matrix =
        new Fp8Matrix(tensor.rows(), Math.toIntExact(shape[0]), Math.toIntExact(shape[1]));
    out.addTogether(
        TensorFile.Entry.of(
            tensor.name() + "_scale_inv", DType.F32, matrix::factors, matrix.gridShape()),
        TensorFile.Entry.of(
            tensor.name(), DType.F8_E4M3, sink -> values(tensor, matrix, sink), shape));
  }

  private void values(PublishedTensor tensor, Fp8Matrix matrix, ByteSource.Sink sink)
      throws IOException {
    matrix.values(sink);
    progress.written(tensor.name(), DType.F8_E4M3, tensor.elements(), matrix.relativeError());
  }
}
