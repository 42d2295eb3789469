package dev.akvavit;

import dev.akvavit.core.Backend;
import java.util.List;
import java.util.ServiceLoader;

/** Finds backends by name among those on the class or module path. */
final class Backends {
  private Backends() {}

  static Backend open(ModelOptions options) {
    String name = options.backend();
    List<Backend.Provider> all =
        ServiceLoader.load(Backend.Provider.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    for (Backend.Provider provider : all) {
      if (provider.name().equals(name)) {
        return provider.open(
            new Backend.Settings(
                options.threads(), options.machineCode(), options.activations(), options.repack()));
      }
    }
    throw new IllegalArgumentException(
        "backend: found "
            + name
            + ", allowed: "
            + String.join(", ", all.stream().map(Backend.Provider::name).toList()));
  }
}
