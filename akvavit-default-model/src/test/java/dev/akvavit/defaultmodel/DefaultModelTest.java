package dev.akvavit.defaultmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefaultModelTest {
  @TempDir Path temp;

  @Test
  void theManifestNamesEveryFileAndItsDigest() throws IOException {
    Path folder = DefaultModel.folder();
    Manifest manifest = manifest();
    List<String> present;
    try (Stream<Path> files = Files.list(folder)) {
      present = files.map(file -> file.getFileName().toString()).toList();
    }
    assertThat(manifest.files().keySet())
        .containsExactlyInAnyOrderElementsOf(
            present.stream().filter(name -> !name.equals("manifest.sha256")).toList());
    for (var file : manifest.files().entrySet()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(file.getKey()));
      assertThat(Manifest.hex(Manifest.sha256().digest(bytes)))
          .as(file.getKey())
          .isEqualTo(file.getValue());
    }
  }

  @Test
  void twoProcessesWithAJarMakeOneCopyAndALaterOneKeepsIt() throws Exception {
    Path jar = jarOf(codeOf(DefaultModel.class));
    Path cache = temp.resolve("cache");
    List<Process> racers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      racers.add(start(jar, cache));
    }
    for (Process racer : racers) { // both JVMs are up before either may go
      assertThat(racer.inputReader().readLine()).isEqualTo("ready");
    }
    for (Process racer : racers) {
      racer.getOutputStream().close();
    }
    Path copy = cache.resolve("akvavit/default-model").resolve(manifest().digest());
    for (Process racer : racers) {
      assertThat(answer(racer)).isEqualTo(copy.toString());
    }
    for (String name : manifest().files().keySet()) {
      assertThat(Files.mismatch(copy.resolve(name), DefaultModel.folder().resolve(name)))
          .as(name)
          .isEqualTo(-1);
    }
    try (Stream<Path> left = Files.list(copy.getParent())) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder(manifest().digest(), manifest().digest() + ".lock");
    }

    FileTime made = Files.getLastModifiedTime(copy);
    Process later = start(jar, cache);
    later.getOutputStream().close();
    assertThat(later.inputReader().readLine()).isEqualTo("ready");
    assertThat(answer(later)).isEqualTo(copy.toString());
    assertThat(Files.getLastModifiedTime(copy)).isEqualTo(made);
  }

  private static String answer(Process process) throws IOException, InterruptedException {
    try (BufferedReader out = process.inputReader()) {
      String line = out.readLine();
      assertThat(process.waitFor()).isZero();
      return line;
    }
  }

  private static Process start(Path jar, Path cache) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            jar + File.pathSeparator + codeOf(FolderPrinter.class),
            FolderPrinter.class.getName());
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static Path codeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static Manifest manifest() throws IOException {
    try (InputStream in = Files.newInputStream(DefaultModel.folder().resolve("manifest.sha256"))) {
      return Manifest.read(in);
    }
  }

  private Path jarOf(Path classes) throws IOException {
    Path jar = temp.resolve("model.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      entries.setLevel(1);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(
            new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
        Files.copy(file, entries);
      }
    }
    return jar;
  }
}
