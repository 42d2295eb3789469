/**
 * Floor 2: capacity from configs alone. Nothing here opens a model; the bytes of the cache come
 * from the layouts that allocate it.
 */
module dev.akvavit.plan {
  requires transitive dev.akvavit.core;
  requires static org.jspecify;

  exports dev.akvavit.plan;
}
