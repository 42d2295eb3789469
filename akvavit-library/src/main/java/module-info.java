/** Floor 3, the library: opens a model, wires it, text in and text out. */
module dev.akvavit {
  requires transitive dev.akvavit.core;
  requires transitive dev.akvavit.engine;
  requires transitive dev.akvavit.plan;
  requires transitive dev.akvavit.text;
  requires dev.akvavit.format;
  requires dev.akvavit.model;
  requires static org.jspecify;

  exports dev.akvavit;

  uses dev.akvavit.core.Backend.Provider;
}
