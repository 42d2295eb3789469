package dev.akvavit.text.constraint;

import org.jspecify.annotations.Nullable;

/**
 * A rule that waits for the one it called: where to go on, and what is left to count. Equal frames
 * are one object, so they compare by identity.
 */
final class Frame {
  private final int state;
  private final int need;
  private final int room;
  private final @Nullable Frame caller;
  private final int depth;

  Frame(int state, int need, int room, @Nullable Frame caller) {
    this.state = state;
    this.need = need;
    this.room = room;
    this.caller = caller;
    depth = 1 + depth(caller);
  }

  static int depth(@Nullable Frame frame) {
    return frame == null ? 0 : frame.depth;
  }

  int state() {
    return state;
  }

  int need() {
    return need;
  }

  int room() {
    return room;
  }

  @Nullable Frame caller() {
    return caller;
  }
}
