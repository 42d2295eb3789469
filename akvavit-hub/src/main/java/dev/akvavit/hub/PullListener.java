package dev.akvavit.hub;

/** Hears how a pull goes on. Bytes are told from several threads at once. */
public interface PullListener {
  /** Hears nothing. */
  PullListener SILENT = new PullListener() {};

  /**
   * What will be fetched is known.
   *
   * @param files of the model
   * @param bytes of all of them
   * @param present of these bytes lie in the cache already
   */
  default void planned(String model, int files, long bytes, long present) {}

  /**
   * Bytes arrived.
   *
   * @param bytes negative when bytes that came before are thrown away
   */
  default void received(String file, long bytes) {}

  /** All bytes of a file are there and are compared with its digest. */
  default void verifying(String file) {}

  /** A file is whole, right and in the cache. */
  default void finished(String file) {}

  /** Nothing moves for a while: a server asks for patience, or another process does the work. */
  default void waiting(String reason) {}
}
