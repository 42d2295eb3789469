package dev.akvavit.text.constraint;

import java.util.Map;

/**
 * The formats that are enforced, each as a pattern whose every text is valid. 29 February is left
 * out, for not every year has one; so is the leap second.
 */
final class Formats {
  private static final String DATE =
      "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
          + "|02-(0[1-9]|1[0-9]|2[0-8]))";
  private static final String TIME =
      "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?";

  static final Map<String, String> PATTERNS =
      Map.of(
          "date", "^" + DATE + "$",
          "time", "^" + TIME + "$",
          "date-time", "^" + DATE + "T" + TIME + "$",
          "uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
          "ipv4", "^(" + BYTE + "\\.){3}" + BYTE + "$",
          "email",
              "^[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,30})?@"
                  + LABEL
                  + "(\\."
                  + LABEL
                  + ")?\\.[a-z]{2,12}$");

  private Formats() {}
}
