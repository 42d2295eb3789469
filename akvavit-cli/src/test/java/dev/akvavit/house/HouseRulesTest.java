package dev.akvavit.house;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.module.ModuleDescriptor;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of the house that a machine can read: who may use whom, what nobody may use, and how
 * things are called. CONTRIBUTING.md says them in words.
 */
class HouseRulesTest {
  /**
   * Modules of the JDK and of others that floors 1 and 2 may use, besides java.base and the
   * annotations.
   */
  private static final Map<String, Set<String>> OTHERS =
      Map.of(
          "dev.akvavit.core", Set.of(),
          "dev.akvavit.format", Set.of("tools.jackson.core"),
          "dev.akvavit.text", Set.of("tools.jackson.core"),
          "dev.akvavit.cpu", Set.of("jdk.incubator.vector"),
          "dev.akvavit.engine", Set.of("jdk.jfr"),
          "dev.akvavit.model", Set.of(),
          "dev.akvavit.plan", Set.of(),
          "dev.akvavit.report", Set.of("java.desktop", "xchart"),
          "dev.akvavit.hub", Set.of("java.net.http", "tools.jackson.core"),
          "dev.akvavit.defaultmodel", Set.of());

  /**
   * Arrows go down: our modules that each module may use besides itself. A new row or entry is an
   * ADR.
   */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          entry("dev.akvavit.core"),
          entry("dev.akvavit.format", "dev.akvavit.core"),
          entry("dev.akvavit.text", "dev.akvavit.core"),
          entry("dev.akvavit.cpu", "dev.akvavit.core"),
          entry("dev.akvavit.engine", "dev.akvavit.core"),
          entry("dev.akvavit.model", "dev.akvavit.core"),
          entry("dev.akvavit.plan", "dev.akvavit.core"),
          entry("dev.akvavit.report"),
          entry("dev.akvavit.hub"),
          entry("dev.akvavit.defaultmodel"),
          // Backends are found by ServiceLoader: no arrow leads to dev.akvavit.cpu.
          entry(
              "dev.akvavit",
              "dev.akvavit.core",
              "dev.akvavit.format",
              "dev.akvavit.text",
              "dev.akvavit.engine",
              "dev.akvavit.model",
              "dev.akvavit.plan"),
          // Floor 4 sees the library and the types that the library's signatures are made of.
          entry("dev.akvavit.claims", library("dev.akvavit.report")),
          entry("dev.akvavit.server", library()),
          entry(
              "dev.akvavit.cli",
              library(
                  "dev.akvavit.defaultmodel",
                  "dev.akvavit.report",
                  "dev.akvavit.hub",
                  "dev.akvavit.claims",
                  "dev.akvavit.server")));

  private static Map.Entry<String, Set<String>> entry(String module, String... below) {
    return Map.entry(module, Set.of(below));
  }

  private static String[] library(String... more) {
    return Stream.concat(
            Stream.of(
                "dev.akvavit",
                "dev.akvavit.core",
                "dev.akvavit.text",
                "dev.akvavit.engine",
                "dev.akvavit.plan"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static final Modules MODULES = Modules.ofClassPath();

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("akvavit-testkit")) // on no floor
          .importPackages("dev.akvavit");

  @Test
  void everyModuleOfOursIsLookedAt() {
    assertThat(MODULES.byName().keySet()).containsExactlyInAnyOrderElementsOf(ARROWS.keySet());
    assertThat(CLASSES.stream().map(HouseRulesTest::moduleOf).distinct())
        .containsExactlyInAnyOrderElementsOf(ARROWS.keySet());
  }

  @Test
  void arrowsGoDown() {
    classes()
        .should(
            hold(
                "use only the modules of the floors below",
                (type, report) ->
                    type.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> !isAllowed(dependency))
                        .forEach(dependency -> report.accept(dependency.getDescription()))))
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCircle() {
    slices().assignedFrom(PACKAGES).should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void publicClassesAreExportedOrNeededByAnotherPackage() {
    classes()
        .that()
        .arePublic()
        .and()
        .areTopLevelClasses()
        .should(
            hold(
                "lie in an exported package or be used from another package of their module",
                (type, report) -> {
                  boolean started = type.tryGetMethod("main", String[].class).isPresent();
                  if (!started && !isExported(type) && !isUsedFromAnotherPackage(type)) {
                    report.accept(type.getName() + " need not be public");
                  }
                }))
        .check(CLASSES);
  }

  @Test
  void nothingRunsCodeFromData() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.io\\.ObjectInputStream|java\\.beans\\.XMLDecoder|javax\\.script\\..*|"
                + "sun\\.misc\\.Unsafe|jdk\\.internal\\..*|java\\.net\\.URLClassLoader")
        .check(CLASSES);
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(assignableTo(Class.class)))
                .and(target(nameMatching("forName")))
                .or(
                    target(owner(assignableTo(ClassLoader.class)))
                        .and(target(nameMatching("loadClass|defineClass")))))
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandWritesToStandardOutput() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.akvavit.cli..")
        .should()
        .accessField(System.class, "out")
        .check(CLASSES);
  }

  @Test
  void namesSayWhatDiffers() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveNameMatching(".*\\.(\\w*(Utils?|Helper)|(Base|Abstract)[A-Z]\\w*)")
        .check(CLASSES);
  }

  private static final SliceAssignment PACKAGES =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return type.getPackageName().startsWith("dev.akvavit")
              ? SliceIdentifier.of(type.getPackageName())
              : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
          return "each package";
        }
      };

  private static boolean isAllowed(Dependency dependency) {
    String from = moduleOf(dependency.getOriginClass());
    String to = moduleOf(dependency.getTargetClass().getBaseComponentType());
    if (to.equals(from) || to.equals("java.base") || to.equals("org.jspecify")) {
      return true;
    }
    if (Modules.isOurs(to)) {
      return ARROWS.getOrDefault(from, Set.of()).contains(to);
    }
    return !OTHERS.containsKey(from) || OTHERS.get(from).contains(to);
  }

  private static String moduleOf(JavaClass type) {
    return type.isPrimitive()
        ? "java.base"
        : MODULES.byPackage().getOrDefault(type.getPackageName(), type.getPackageName());
  }

  private static boolean isExported(JavaClass type) {
    ModuleDescriptor module = MODULES.byName().get(moduleOf(type));
    return module != null
        && module.exports().stream()
            .anyMatch(exported -> exported.source().equals(type.getPackageName()));
  }

  private static boolean isUsedFromAnotherPackage(JavaClass type) {
    return type.getDirectDependenciesToSelf().stream()
        .map(dependency -> dependency.getOriginClass().getPackageName())
        .anyMatch(from -> !from.equals(type.getPackageName()));
  }

  private interface Check {
    void examine(JavaClass type, Consumer<String> report);
  }

  private static ArchCondition<JavaClass> hold(String description, Check check) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        check.examine(type, message -> events.add(SimpleConditionEvent.violated(type, message)));
      }
    };
  }
}
