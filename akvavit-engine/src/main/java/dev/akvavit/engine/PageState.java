package dev.akvavit.engine;

/** What a page of the cache is good for at the moment. */
public enum PageState {
  /** Holds nothing worth keeping. */
  FREE,
  /** Nobody refers to it, but a prompt that begins like its tokens would find it. */
  KEPT,
  /** One sequence refers to it. */
  USED,
  /** Several sequences refer to it. */
  SHARED
}
