package dev.akvavit.server.http;

/** The client has closed its connection; nobody is left to be told anything. */
public final class ClientGone extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ClientGone() {
    super("the client has closed its connection", null, false, false);
  }
}
