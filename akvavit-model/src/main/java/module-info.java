/**
 * Floor 2: attention mechanisms, feed-forwards, the decoder, and the families that are made of
 * them.
 */
module dev.akvavit.model {
  requires transitive dev.akvavit.core;
  requires static org.jspecify;

  exports dev.akvavit.model;
  exports dev.akvavit.model.arch;
}
