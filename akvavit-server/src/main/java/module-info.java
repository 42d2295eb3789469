/** Floor 4: models behind one port, in the dialects that clients already speak. */
module dev.akvavit.server {
  requires transitive dev.akvavit;
  requires static org.jspecify;
}
