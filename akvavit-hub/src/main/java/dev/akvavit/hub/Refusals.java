package dev.akvavit.hub;

import dev.akvavit.hub.HubException.Reason;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an answer other than the wanted one means. The hub answers 401 to strangers where it means
 * 404, and says in {@code X-Error-Code} what it means.
 */
final class Refusals {
  private static final String TOKENS = "/settings/tokens";

  /** The hub's rate limits tell the seconds to the next window as {@code t}. */
  private static final Pattern RESET = Pattern.compile("(?:^|[;,\\s])t=(\\d{1,9})");

  private final HubSettings settings;
  private final ModelReference model;

  Refusals(HubSettings settings, ModelReference model) {
    this.settings = settings;
    this.model = model;
  }

  /**
   * Throws, always.
   *
   * @param what the file or the list that was asked for
   * @throws IOException when it may pass another time
   */
  void refuse(HubClient.Reply reply, String what) throws IOException {
    int status = reply.status();
    String code = reply.header("X-Error-Code");
    if (status == 429 || status == 503) {
      throw new Refusal("the hub is busy (HTTP " + status + ")", wait(reply), true);
    }
    if (status == 408 || status >= 500 || status < 400) {
      throw new Refusal("found HTTP " + status);
    }
    if (!reply.fromHub()) { // an address signed by the hub that ran out
      throw new Refusal("found HTTP " + status + " from the hub's file server");
    }
    throw switch (code) {
      case "GatedRepo" -> gated();
      case "RepoNotFound" -> unknown();
      case "RevisionNotFound" -> noRevision();
      case "EntryNotFound" -> noFile(what);
      default ->
          switch (status) {
            case 401, 403 -> settings.token().isPresent() ? tokenRefused(status) : unknown();
            case 404 -> what.isEmpty() ? unknown() : noFile(what);
            default ->
                new HubException(
                    Reason.BROKEN_ANSWER,
                    model.repository() + ": found HTTP " + status + " from " + settings.endpoint());
          };
    };
  }

  private String page() {
    return settings.endpoint() + "/" + model.repository();
  }

  private HubException gated() {
    String how =
        settings.token().isPresent()
            ? "the token given has no access: accept the licence on %s with its account, and let the token read gated repositories (%s%s)"
            : "accept the licence on %s, make a token on %s%s, then set HF_TOKEN";
    return new HubException(
        Reason.NO_ACCESS,
        model.repository() + " is gated: " + how.formatted(page(), settings.endpoint(), TOKENS));
  }

  private HubException unknown() {
    return new HubException(
        Reason.NOT_FOUND,
        model.repository()
            + ": found no such model on "
            + settings.endpoint()
            + (settings.token().isPresent()
                ? " that the token given may see; check the spelling"
                : "; check the spelling, or set HF_TOKEN if it is private"));
  }

  private HubException noRevision() {
    return new HubException(
        Reason.NOT_FOUND,
        model.repository()
            + ": found no revision "
            + model.revision()
            + "; the branches and tags are on "
            + page()
            + "/tree/main");
  }

  private HubException noFile(String what) {
    return new HubException(
        Reason.NOT_FOUND, model.repository() + ": found no file " + FileNames.shown(what));
  }

  private HubException tokenRefused(int status) {
    return new HubException(
        Reason.NO_ACCESS,
        model.repository()
            + ": the hub refuses the token given (HTTP "
            + status
            + "); check HF_TOKEN or make another on "
            + settings.endpoint()
            + TOKENS);
  }

  private static Duration wait(HubClient.Reply reply) {
    String after = reply.header("Retry-After").strip();
    if (after.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(after));
    }
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(after));
      Duration wait = Duration.between(Instant.now(), then);
      return wait.isPositive() ? wait : Duration.ZERO;
    } catch (DateTimeException e) {
      Matcher reset = RESET.matcher(reply.header("RateLimit"));
      return reset.find() ? Duration.ofSeconds(Long.parseLong(reset.group(1))) : Duration.ZERO;
    }
  }
}
