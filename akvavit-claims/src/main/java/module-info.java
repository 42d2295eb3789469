/**
 * Floor 4: what is published on efficient attention, each claim derived or measured by this engine.
 */
module dev.akvavit.claims {
  requires transitive dev.akvavit;
  requires transitive dev.akvavit.report;
  requires static org.jspecify;

  exports dev.akvavit.claims;
}
