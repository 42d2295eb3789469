package dev.akvavit.cpu.machine;

/** Machine code cannot be had here; the message says which part was refused. */
final class MachineCodeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MachineCodeException(String message) {
    super(message);
  }

  private MachineCodeException(Throwable cause) {
    super(cause.toString(), cause);
  }

  /** What a call through a method handle threw: errors go on, the rest means that we may not. */
  static RuntimeException of(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof MachineCodeException own ? own : new MachineCodeException(thrown);
  }
}
