package dev.akvavit.defaultmodel;

import java.io.IOException;

/**
 * A process of its own for {@link DefaultModelTest}: says ready, waits for the end of input, prints
 * the folder.
 */
final class FolderPrinter {
  private FolderPrinter() {}

  public static void main(String[] arguments) throws IOException {
    System.out.println("ready");
    System.in.read();
    System.out.println(DefaultModel.folder());
  }
}
