package dev.akvavit.house;

import static java.util.stream.Collectors.toUnmodifiableMap;
import static java.util.stream.Collectors.toUnmodifiableSet;

import java.io.File;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which module a package belongs to. Tests run on the class path, where the run time no longer
 * knows; the descriptors in the class path's entries and in the JDK still do.
 *
 * @param byName the modules of Akvavit on the class path
 * @param byPackage the name of the module of every package: Akvavit's, other libraries', the JDK's
 */
record Modules(Map<String, ModuleDescriptor> byName, Map<String, String> byPackage) {

  static Modules ofClassPath() {
    Map<String, String> byPackage = new HashMap<>();
    ModuleFinder.ofSystem().findAll().forEach(found -> add(found.descriptor(), byPackage));
    Set<ModuleDescriptor> onPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .flatMap(Modules::in)
            .map(ModuleReference::descriptor)
            .collect(toUnmodifiableSet());
    onPath.forEach(descriptor -> add(descriptor, byPackage));
    return new Modules(
        onPath.stream()
            .filter(descriptor -> isOurs(descriptor.name()))
            .collect(toUnmodifiableMap(ModuleDescriptor::name, descriptor -> descriptor)),
        Map.copyOf(byPackage));
  }

  static boolean isOurs(String module) {
    return module.equals("dev.akvavit") || module.startsWith("dev.akvavit.");
  }

  private static void add(ModuleDescriptor descriptor, Map<String, String> byPackage) {
    descriptor.packages().forEach(name -> byPackage.put(name, descriptor.name()));
  }

  private static Stream<ModuleReference> in(String entry) {
    try {
      return ModuleFinder.of(Path.of(entry)).findAll().stream();
    } catch (FindException e) {
      return Stream.empty(); // a jar whose file name makes no module name: none of ours
    }
  }
}
