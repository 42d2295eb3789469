package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;

/** A panel times a vector of codes in plain Java: the definition that faster forms agree with. */
final class ScalarPanel {
  private ScalarPanel() {}

  /** As {@link Kernels#addPanel}. */
  static void add(
      PanelForm form,
      MemorySegment panel,
      long block,
      int blocks,
      MemorySegment records,
      long record,
      float[] sums) {
    for (int b = 0; b < blocks; b++, block += form.bytes(), record += ByteInputs.RECORD) {
      for (int row = 0; row < PanelForm.ROWS; row++) {
        sums[row] = added(form, panel, block, records, record, row, sums[row]);
      }
    }
  }

  private static float added(
      PanelForm form,
      MemorySegment panel,
      long block,
      MemorySegment records,
      long record,
      int row,
      float sum) {
    int parts = form.parts();
    int columns = PanelForm.COLUMNS / parts;
    float d = records.get(JAVA_FLOAT, record + ByteInputs.FACTOR);
    for (int part = 0; part < parts; part++) {
      int place = ByteInputs.part(parts, part);
      int products = form.hasMinima() ? 0 : records.get(JAVA_INT, record + ByteInputs.BIAS + place);
      for (int c = part * columns; c < (part + 1) * columns; c++) {
        int code = panel.get(JAVA_BYTE, block + c / 4 * 64L + 4L * row + c % 4) & 0xFF;
        products += code * records.get(JAVA_BYTE, record + c);
      }
      float factor = panel.get(JAVA_FLOAT, block + PanelForm.FACTORS + 64L * part + 4L * row);
      sum = Math.fma(products, factor * d, sum);
    }
    for (int part = 0; part < parts && form.hasMinima(); part++) {
      float minimum = panel.get(JAVA_FLOAT, block + form.minima() + 64L * part + 4L * row);
      int place = ByteInputs.part(parts, part);
      sum = Math.fma(minimum, records.get(JAVA_FLOAT, record + ByteInputs.MINIMUM + place), sum);
    }
    return sum;
  }
}
