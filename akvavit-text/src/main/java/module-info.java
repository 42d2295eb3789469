/**
 * Floor 2: text in, token ids out, and back; chat templates that can reach nothing but their own
 * values.
 */
module dev.akvavit.text {
  requires transitive dev.akvavit.core;
  requires static org.jspecify;
  requires tools.jackson.core;

  exports dev.akvavit.text;
  exports dev.akvavit.text.constraint;
  exports dev.akvavit.text.reply;
  exports dev.akvavit.text.split;
  exports dev.akvavit.text.template;
}
