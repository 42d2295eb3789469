package dev.akvavit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The llama-bench of llama.cpp, or of ik_llama.cpp, which says {@code -gp depth,tokens} where the
 * other says {@code -d depth -n tokens}. It warms up by itself.
 */
final class LlamaBench implements Peer {
  private static final List<Setting> SETTINGS =
      List.of(
          Setting.DEFAULTS,
          new Setting("-fa 1", List.of("-fa", "1")),
          new Setting(
              "-fa 1 -ctk bf16 -ctv bf16", List.of("-fa", "1", "-ctk", "bf16", "-ctv", "bf16")));

  private static final JsonFactory JSON = new JsonFactory();

  private final Path program;
  private boolean generatesAfterPrompts; // -gp is what it knows

  LlamaBench(Path program) {
    this.program = program;
  }

  @Override
  public String name() {
    return "llama.cpp";
  }

  @Override
  public String wanted() {
    return "a .gguf file (akvavit quantize writes one)";
  }

  @Override
  public boolean reads(Path model) {
    return model.toString().endsWith(".gguf");
  }

  @Override
  public List<Setting> settings() {
    return SETTINGS;
  }

  @Override
  public List<String> notes() {
    return List.of();
  }

  @Override
  public Result run(Path model, int threads, Setting setting, BenchTest test) {
    if (test.depth() == 0 || generatesAfterPrompts) {
      return once(model, threads, setting, test, generatesAfterPrompts);
    }
    try {
      return once(model, threads, setting, test, false);
    } catch (FailedException e) {
      try {
        Result result = once(model, threads, setting, test, true);
        generatesAfterPrompts = true;
        return result;
      } catch (FailedException again) {
        throw e; // not over the depth, then
      }
    }
  }

  private Result once(
      Path model, int threads, Setting setting, BenchTest test, boolean afterPrompt) {
    boolean together = afterPrompt && test.depth() > 0;
    List<String> arguments = new ArrayList<>(List.of("-m", model.toString(), "-t", "" + threads));
    arguments.addAll(List.of("-ngl", "0", "-r", "1", "-o", "json", "-p", "" + test.prompt()));
    arguments.addAll(List.of("-n", together ? "0" : "" + test.tokens()));
    if (together) {
      arguments.addAll(List.of("-gp", test.depth() + "," + test.tokens()));
    } else if (test.depth() > 0) {
      arguments.addAll(List.of("-d", "" + test.depth()));
    }
    arguments.addAll(setting.options());
    Map<String, String> found = parse(PeerProcess.output(program, arguments));
    String fork = found.containsKey("mla_attn") ? "ik_llama.cpp " : "llama.cpp ";
    String build = found.getOrDefault("build_commit", "of an unknown build");
    return new Result(fork + build, rate(found, test, together));
  }

  /** The fields of the last test of its list: what came before was another's. */
  private Map<String, String> parse(String json) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      String name = "";
      for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
        if (t == JsonToken.PROPERTY_NAME) {
          name = parser.currentName();
        } else if (t.isScalarValue()) {
          fields.put(name, parser.getString());
        }
      }
      return fields;
    } catch (JacksonException e) {
      throw new FailedException(program + " wrote no JSON: " + e.getOriginalMessage());
    }
  }

  private double rate(Map<String, String> found, BenchTest test, boolean together) {
    int prompt = together ? test.depth() : test.prompt();
    boolean same =
        ("" + prompt).equals(found.get("n_prompt"))
            && ("" + test.tokens()).equals(found.get("n_gen"))
            && (together
                ? found.getOrDefault("test", "").contains("@")
                : ("" + test.depth()).equals(found.getOrDefault("n_depth", "0")));
    String rate = found.get("avg_ts");
    if (!same || rate == null) {
      throw new FailedException(
          program + " reported no " + test.name() + "; its -p, -n, -d and -o json are needed");
    }
    return Double.parseDouble(rate);
  }
}
