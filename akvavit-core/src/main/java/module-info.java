/**
 * Floor 1: the vocabulary every other module speaks. Nothing here computes; nothing here knows a
 * format or a device.
 */
module dev.akvavit.core {
  requires static org.jspecify;

  exports dev.akvavit.core;

  uses dev.akvavit.core.Backend.Provider;
}
