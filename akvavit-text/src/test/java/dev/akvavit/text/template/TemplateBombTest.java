package dev.akvavit.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.text.ChatMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Templates made to run for ever, to fill memory or to overflow the stack: each is refused, and
 * soon.
 */
class TemplateBombTest {
  private static List<String> bombs() {
    List<String> bombs = new ArrayList<>();
    String in = "{% for i in range(99999) %}";
    String out = "{% endfor %}";
    for (int k = 1; k <= 10; k++) {
      String n = Integer.toString(k);
      bombs.add(in.repeat(k + 1) + "x" + out.repeat(k + 1));
      bombs.add("{% for i in range(" + k + "00001) %}" + out);
      bombs.add("{{ range(" + k + "000000000000) }}");
      bombs.add(
          "{% set ns = namespace(t='x"
              + n
              + "') %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}"
              + out);
      bombs.add(
          "{% set ns = namespace(t='ab"
              + n
              + "') %}{% for i in range(99) %}{% set ns.t = ns.t | replace('a', ns.t) %}"
              + out);
      bombs.add(
          "{% set ns = namespace(t=["
              + n
              + "]) %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}"
              + out);
      bombs.add(
          "{% set ns = namespace(t=["
              + n
              + "]) %}{% for i in range(99) %}{% set ns.t = [ns.t, ns.t] %}"
              + out
              + "{{ ns.t | tojson }}");
      bombs.add(
          "{% set ns = namespace(t=["
              + n
              + "]) %}{% for i in range(70000) %}{% set ns.t = [ns.t] %}"
              + out
              + "{{ ns.t }}");
      bombs.add(
          "{% set ns = namespace(t=["
              + n
              + "], u=[1]) %}{% for i in range(9000) %}{% set ns.t = [ns.t] %}{% set ns.u = [ns.u] %}"
              + out
              + "{{ ns.t == ns.u }}");
      bombs.add("{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(" + n + ") }}");
      bombs.add(
          "{% macro f(x) %}{% for i in range(9) %}{{ g(x) }}{% endfor %}{% endmacro %}{% macro g(x) %}{{ f(x) }}{% endmacro %}{{ f("
              + n
              + ") }}");
      bombs.add(
          "{% macro f(x) %}"
              + "{% if 1 %}".repeat(5 * k)
              + "{{ (((f(x)))) }}"
              + "{% endif %}".repeat(5 * k)
              + "{% endmacro %}{{ f(1) }}");
      bombs.add(
          "{% macro f(x) %}"
              + "{% for i in [1] %}".repeat(5 * k)
              + "{{ "
              + "[".repeat(50)
              + "f(x)"
              + "]".repeat(50)
              + " }}"
              + "{% endfor %}".repeat(5 * k)
              + "{% endmacro %}{{ f(1) }}");
      bombs.add("{{ 'x" + n + "' * 99999999 }}");
      bombs.add("{{ '' * 999999999999" + n + " }}");
      bombs.add("{{ 'ab' * 100000 * " + n + "00 }}");
      bombs.add("{{ " + "(".repeat(60 + 40 * k) + "1" + ")".repeat(60 + 40 * k) + " }}");
      bombs.add("{{ " + "[".repeat(60 + 40 * k) + "]".repeat(60 + 40 * k) + " }}");
      bombs.add("{{ " + "not ".repeat(100 * k) + "1 }}");
      bombs.add("{{ " + "-".repeat(100 * k) + "1 }}");
      bombs.add("{{ 1" + " + 1".repeat(600 * k) + " }}");
      bombs.add("{{ x" + ".y".repeat(600 * k) + " }}");
      bombs.add("{% if 1 %}".repeat(60 + 20 * k) + "{% endif %}".repeat(60 + 20 * k));
      bombs.add(
          "{% set t = 'a' * 2000000 %}{% set u = 'a' * 100000 + 'b' %}" + "{{ u in t }}".repeat(k));
      bombs.add(
          "{% set t = 'a' * 4000000 %}{% for i in range(9999) %}{% if t + 'b' == t %}x{% endif %}{% endfor %}"
              + n);
      bombs.add(
          "{% set t = 'a,' * 2000000 %}{% for i in range(999) %}{% set u = t.split(',') %}{% endfor %}"
              + n);
      bombs.add(
          "{% set l = range(90000) | list %}{% for i in l %}{% if i in l %}{% endif %}{% endfor %}"
              + n);
      bombs.add("{% set l = range(50000) | list %}{{ l | unique | length }}" + n);
      bombs.add("{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}" + n);
      bombs.add("{% for c in 'a' * 600000 %}{{ c }}{% endfor %}" + n);
      bombs.add(
          "{% for i in range(99999) %}{{ messages | tojson }}{{ messages | string }}{% endfor %}"
              + n);
      bombs.add("{{ 9 ** 999" + n + " }}");
      bombs.add(
          "{% set t = ('a\\n' * 900000) %}{% for i in range(99) %}{% set u = t | indent(200) %}{% endfor %}"
              + n);
    }
    return bombs;
  }

  @Test
  void refusesEachSoon() {
    List<String> bombs = bombs();
    assertThat(bombs).hasSizeGreaterThanOrEqualTo(200).doesNotHaveDuplicates();
    long worst = 0;
    String slowest = "";
    for (String bomb : bombs) {
      String name = bomb.length() < 200 ? bomb : bomb.substring(0, 200);
      long start = System.nanoTime();
      assertThatThrownBy(() ->
              ChatTemplate.of(bomb, Map.of(), Clock.systemUTC())
                  .render(List.of(ChatMessage.user("hi")), true, Map.of()))
          .as(name)
          .isInstanceOfAny(TemplateException.class, UnsupportedModelException.class)
          .hasMessageContaining("line 1");
      long took = System.nanoTime() - start;
      if (took > worst) {
        worst = took;
        slowest = name;
      }
      assertThat(Duration.ofNanos(took))
          .as("hang detector: " + name)
          .isLessThan(Duration.ofSeconds(5));
    }
    System.out.printf("slowest of %d bombs: %.0f ms, %s%n", bombs.size(), worst / 1e6, slowest);
  }

  @Test
  void aLongConversationIsNoBomb() {
    String source =
        "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content | trim + '\\n' }}{% if '</think>' in m.content %}{{ m.content.split('</think>')[-1] }}{% endif %}{% endfor %}";
    ChatTemplate template = ChatTemplate.of(source, Map.of(), Clock.systemUTC());
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      messages.add(ChatMessage.user("question " + i + " ".repeat(50) + "</think>?"));
    }
    messages.add(ChatMessage.user("x".repeat(3 << 20)));
    assertThat(template.render(messages, true, Map.of()).text().length()).isGreaterThan(3 << 20);
  }
}
