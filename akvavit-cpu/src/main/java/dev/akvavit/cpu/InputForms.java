package dev.akvavit.cpu;

/** One operation's inputs in whatever form its product takes; memory stays from step to step. */
final class InputForms {
  private final FloatInputs floats = new FloatInputs();
  private final ByteInputs bytes = new ByteInputs();

  /** Room for {@code rows} rows, {@code heads} vectors of {@code columns} elements each. */
  Inputs begin(Rounding rounding, int rows, int heads, int columns) {
    Inputs inputs =
        switch (rounding) {
          case NONE -> floats;
          case BYTES -> bytes;
        };
    inputs.begin(rows, heads, columns);
    return inputs;
  }
}
