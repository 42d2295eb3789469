package dev.akvavit.cpu;

/** One operation's inputs in whatever form its product takes; memory stays from step to step. */
final class InputForms {
  private final FloatInputs floats = new FloatInputs();
  private final ByteInputs bytes = new ByteInputs();
  private final FloatInputs narrow = new FloatInputs(true);
  private final PairInputs pairs = new PairInputs();
  private final TileInputs tiles = new TileInputs();
  private final RowInputs tileRows;
  private final boolean picked;

  /**
   * @param picked whether products take vectors in any order, instead of all in theirs
   */
  InputForms(boolean picked) {
    this.picked = picked;
    tileRows = new RowInputs(picked ? DecodedRows.FEW : DecodedRows.MANY);
  }

  /** Room for {@code rows} rows, {@code heads} vectors of {@code columns} elements each. */
  Inputs begin(Rounding rounding, int rows, int heads, int columns) {
    Inputs inputs =
        switch (rounding) {
          case NONE -> floats;
          case BYTES -> bytes;
          case NARROW -> narrow;
          case PAIRS -> pairs;
          case TILES -> picked ? pairs : tiles;
          case DECODED -> tileRows;
        };
    inputs.begin(rows, heads, columns);
    return inputs;
  }
}
