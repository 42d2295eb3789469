/**
 * Floor 2: model files from the hub, in the hub's own cache layout, so that Python and this engine
 * share downloads.
 */
module dev.akvavit.hub {
  requires java.net.http;
  requires static org.jspecify;
  requires tools.jackson.core;

  exports dev.akvavit.hub;
}
