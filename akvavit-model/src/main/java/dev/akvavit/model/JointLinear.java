package dev.akvavit.model;

import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;

/** Several linear maps of one input, computed together. */
final class JointLinear {
  private final Linear[] maps;
  private final Ops.Product[] products;

  /** {@code outs[i] = maps[i](x)}. */
  JointLinear(Tensor[] outs, Linear... maps) {
    this.maps = maps;
    products = new Ops.Product[maps.length];
    for (int i = 0; i < maps.length; i++) {
      products[i] = new Ops.Product(outs[i], maps[i].weight());
    }
  }

  void apply(Ops ops, Tensor x) {
    ops.matmul(x, products);
    for (int i = 0; i < maps.length; i++) {
      if (maps[i].bias() != null) {
        ops.addBias(products[i].out(), maps[i].bias());
      }
    }
  }
}
