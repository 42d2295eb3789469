package dev.akvavit.hub;

import java.io.IOException;
import java.nio.file.Path;

/** A model that could not be fetched, found or removed, in one line: what, why, what to do. */
public final class HubException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What kind of obstacle it was. */
  public enum Reason {
    /** The text names no model of the hub. */
    BAD_NAME,
    /** It is not in the cache, and the network is not to be used. */
    OFFLINE,
    /** The hub shows no such model, revision or file to this user. */
    NOT_FOUND,
    /** The hub has it and does not give it to this user. */
    NO_ACCESS,
    /** The hub asks to come back later. */
    RATE_LIMITED,
    /** Connections failed as often as is tried. */
    UNREACHABLE,
    /** The hub answered something that no hub answers. */
    BROKEN_ANSWER,
    /** The bytes that came are not the file's. */
    WRONG_BYTES,
    /** The disk has no room for it. */
    NO_SPACE,
    /** A file of the cache could not be read or written. */
    DISK,
    /** The repository holds nothing that this engine reads. */
    UNSUPPORTED,
    /** The thread was interrupted. */
    INTERRUPTED
  }

  private final Reason reason;

  HubException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  HubException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  static HubException disk(Path where, IOException failure) {
    return new HubException(
        Reason.DISK,
        where + ": " + failure + "; what came is kept, the same command goes on from there",
        failure);
  }

  static HubException interrupted() {
    Thread.currentThread().interrupt();
    return new HubException(Reason.INTERRUPTED, "interrupted; what came is kept");
  }

  public Reason reason() {
    return reason;
  }
}
