/**
 * Floor 2: safetensors and JSON settings. Every byte that comes from outside is judged here, once.
 */
module dev.akvavit.format {
  requires transitive dev.akvavit.core;
  requires static org.jspecify;
  requires tools.jackson.core;

  exports dev.akvavit.format;
}
