/** The model that ships with Akvavit, as files in a folder. */
module dev.akvavit.defaultmodel {
  requires static org.jspecify;

  exports dev.akvavit.defaultmodel;
}
