package dev.akvavit.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What others wrote is what they published, and the notice names all of it. */
class VendoredFilesTest {
  private static final Path VENDOR = PageResources.FOLDER.resolve("vendor");
  private static final Pattern ROW =
      Pattern.compile("^  ([0-9a-f]{64}) (\\S+) ", Pattern.MULTILINE);

  @Test
  void theNoticeNamesEveryFileWithItsDigest() throws Exception {
    Map<String, String> named = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(VENDOR.resolve("NOTICE.txt")));
    while (row.find()) {
      named.put(row.group(2), row.group(1));
    }
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(VENDOR)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".txt")) {
          byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
          found.put(VENDOR.relativize(file).toString(), HexFormat.of().formatHex(digest));
        }
      }
    }
    assertThat(found).isEqualTo(named).hasSizeGreaterThan(10);
  }

  @Test
  void theLicencesThatTheNoticeNamesAreThere() throws Exception {
    Matcher text =
        Pattern.compile("licenses/\\w+\\.txt")
            .matcher(Files.readString(VENDOR.resolve("NOTICE.txt")));
    int licences = 0;
    while (text.find()) {
      assertThat(VENDOR.resolve(text.group())).isNotEmptyFile();
      licences++;
    }
    assertThat(licences).isEqualTo(6);
  }
}
