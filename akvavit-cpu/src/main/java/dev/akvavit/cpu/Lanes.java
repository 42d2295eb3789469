package dev.akvavit.cpu;

/**
 * The one choice of inner loops in this JVM: vector classes are touched only when their module is
 * there.
 */
final class Lanes {
  static final String MODULE = "jdk.incubator.vector";
  static final Kernels KERNELS = present() ? new VectorKernels() : new ScalarKernels();

  private Lanes() {}

  static boolean present() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }
}
