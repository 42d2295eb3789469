package dev.akvavit.cpu;

import dev.akvavit.core.Backend;

/** Offers the processor to {@link java.util.ServiceLoader} under the name {@code cpu}. */
public final class CpuProvider implements Backend.Provider {
  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Backend open(Backend.Settings settings) {
    return new CpuBackend(settings);
  }
}
