/** Floor 4: the {@code akvavit} command. */
module dev.akvavit.cli {
  requires dev.akvavit;
  requires dev.akvavit.claims;
  requires dev.akvavit.defaultmodel;
  requires dev.akvavit.hub;
  requires dev.akvavit.report;
  requires dev.akvavit.server;
  requires info.picocli;
  requires java.management;
  requires jdk.management;
  requires org.jline;
  requires static org.jspecify;
  requires tools.jackson.core;

  opens dev.akvavit.cli to
      info.picocli;

  uses dev.akvavit.core.Backend.Provider;
}
