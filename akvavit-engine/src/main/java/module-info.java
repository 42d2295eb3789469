/**
 * Floor 2: sequences, pages, prefix cache, scheduler and the loop. Nothing here knows text, weights
 * or devices.
 */
module dev.akvavit.engine {
  requires transitive dev.akvavit.core;
  requires jdk.jfr;
  requires static org.jspecify;

  exports dev.akvavit.engine;
}
