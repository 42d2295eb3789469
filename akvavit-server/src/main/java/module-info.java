/** Floor 4: models behind one port, in the dialects that clients already speak. */
module dev.akvavit.server {
  requires transitive dev.akvavit;
  requires io.helidon.common.socket;
  requires io.helidon.webserver;
  requires java.logging; // to quieten Helidon
  requires micrometer.core;
  requires micrometer.registry.prometheus;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.akvavit.server;
  exports dev.akvavit.server.options;
}
