package dev.akvavit.testkit;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.IntFunction;

/**
 * A backend that a test runs on: the scalar oracle, and every one that {@link ServiceLoader} finds.
 * A parameter of tests, so that none is left out.
 *
 * @param open from a number of threads, 0 for all cores
 */
public record BackendUnderTest(String name, IntFunction<Backend> open) {
  /** The oracle. */
  public static final BackendUnderTest SCALAR =
      new BackendUnderTest("scalar", threads -> new ScalarBackend());

  /**
   * The oracle first, and every other without machine code of its own before the same with it. CUDA
   * is left to its own module's tests: it needs a device.
   */
  public static List<BackendUnderTest> all() {
    List<BackendUnderTest> all = new ArrayList<>(List.of(SCALAR));
    for (Backend.Provider provider : ServiceLoader.load(Backend.Provider.class)) {
      if (!provider.name().equals("cuda")) {
        all.add(
            new BackendUnderTest(
                provider.name() + " without machine code",
                threads -> open(provider, threads, false)));
        all.add(new BackendUnderTest(provider.name(), threads -> open(provider, threads, true)));
      }
    }
    return all;
  }

  private static Backend open(Backend.Provider provider, int threads, boolean machineCode) {
    return provider.open(
        new Backend.Settings(threads, machineCode, ActivationPrecision.F32)); // as the oracle
  }

  /** The last of {@link #all}: a fast one where there is one. */
  public static BackendUnderTest fastest() {
    return all().getLast();
  }

  public Backend open(int threads) {
    return open.apply(threads);
  }

  public boolean scalar() {
    return name.equals("scalar");
  }

  @Override
  public String toString() {
    return name;
  }
}
