package dev.akvavit.testkit;

import static dev.akvavit.testkit.ScalarBackend.element;
import static dev.akvavit.testkit.ScalarBackend.get;
import static dev.akvavit.testkit.ScalarBackend.set;

import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;

/**
 * Breaks row invariance as fast libraries do: a dense product's sum is split in two when the step
 * has enough rows to fill the cores otherwise. Over the scalar oracle only.
 */
public final class BatchDependentSum extends OpsWrapper {
  private static final int FEW_ROWS = 3;

  public BatchDependentSum(Ops ops) {
    super(ops);
  }

  @Override
  public void matmul(Tensor out, Tensor x, Weight w) {
    if (w.heads() != 1) {
      super.matmul(out, x, w);
      return;
    }
    int parts = x.rows() <= FEW_ROWS ? 2 : 1;
    for (int r = 0; r < x.rows(); r++) {
      for (int j = 0; j < w.out(); j++) {
        float sum = 0;
        for (int part = 0; part < parts; part++) {
          float partial = 0;
          for (int i = part * w.in() / parts; i < (part + 1) * w.in() / parts; i++) {
            partial += element(w, 0, j, i) * get(x, x.at(r, i / x.dim()) + i % x.dim());
          }
          sum += partial;
        }
        set(out, out.at(r, j / out.dim()) + j % out.dim(), sum);
      }
    }
  }
}
